"""scikit-learn's 1,797 handwritten digits (8 × 8, grey, 17 levels): the smallest data, for tests."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from workflow_scripts.data.images import LabelledImages, Source


def load(files: list[Path]) -> Source:
    """Read scikit-learn's `digits.csv.gz`: a line per image, 64 pixels in 0 … 16 and the label."""
    with gzip.open(files[0], "rt") as stream:
        table = np.loadtxt(stream, delimiter=",")
    images = np.round(table[:, :-1] * 255 / 16).astype(np.uint8).reshape(-1, 1, 8, 8)
    return Source(LabelledImages(images, table[:, -1].astype(np.int64)), None, tuple("0123456789"))
