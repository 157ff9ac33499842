"""Which images of a data set a measurement looks at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np


class TooFewImages(ValueError):
    """A part of a selection that lies beyond the last image."""


@dataclass(frozen=True)
class Selection:
    """index: int64 (N,) positions in the split, ascending; images: uint8 (N, C, H, W); labels: int64 (N,)."""

    index: np.ndarray
    images: np.ndarray
    labels: np.ndarray


def select(folder: Path, count: int, seed: int, start: int = 0, stop: int | None = None) -> Selection:
    """`count` images of a split's folder (images.npy, labels.npy), drawn without replacement by `seed`.

    All of them where the split has no more than `count`. `start` and `stop` take a part of what was chosen, by
    position: a large set is attacked in parts, and only the part's images are read. TooFewImages where there are none
    from `start` on.
    """
    images = np.load(folder / "images.npy", mmap_mode="r")
    labels = np.load(folder / "labels.npy")
    index = np.arange(len(labels))
    if count < len(labels):
        index = np.sort(np.random.default_rng(seed).permutation(len(labels))[:count])
    if start and start >= len(index):
        raise TooFewImages(
            f"images {start} to {stop} of a split were asked for, and {folder.name} has {len(index)}: lower "
            f"{folder.name} in studies.attack_signatures.datasets"
        )
    index = index[start:stop]
    return Selection(index, np.ascontiguousarray(images[index]), labels[index])
