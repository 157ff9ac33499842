"""Which images of a data set a measurement uses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


class TooFewImages(ValueError):
    """A shard of a selection that lies beyond the last image."""


@dataclass(frozen=True)
class Selection:
    """index: int64 (N,) positions in the split, ascending; images: uint8 (N, C, H, W); labels: int64 (N,)."""

    index: np.ndarray
    images: np.ndarray
    labels: np.ndarray


def select_images(
    images: np.ndarray, labels: np.ndarray, count: int, seed: int, start: int = 0, stop: int | None = None
) -> Selection:
    """`count` of a split's images (uint8 N, C, H, W) with their labels (N,), drawn without replacement by `seed`.

    All of them where the split has no more than `count`. `start` and `stop` take a shard of what was drawn, by
    position; of a memory-mapped array only the shard's images are read. Raises TooFewImages where no image was drawn
    from `start` on.
    """
    index = np.arange(len(labels))
    if count < len(labels):
        index = np.sort(np.random.default_rng(seed).permutation(len(labels))[:count])
    if start and start >= len(index):
        raise TooFewImages(f"images {start} to {stop} were asked for, and there are {len(index)}")
    index = index[start:stop]
    return Selection(index, np.ascontiguousarray(images[index]), labels[index])
