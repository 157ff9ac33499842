"""The most salient pixels of heat maps, and how much of them two maps have in common (Figures 6 and 7)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def salient_region(heat: NDArray, share: float) -> NDArray:
    """The most salient pixels (N, H, W) bool of heat maps (N, H, W): the given share of each, rounded up.

    Of equal pixels at the border of a region, those that come first count.
    """
    flat = np.asarray(heat).reshape(len(heat), -1)
    size = int(np.ceil(share * flat.shape[1]))
    region = np.zeros(flat.shape, bool)
    np.put_along_axis(region, np.argsort(-flat, axis=1, kind="stable")[:, :size], True, axis=1)
    return region.reshape(heat.shape)


def region_overlap(first: NDArray, second: NDArray) -> NDArray:
    """The share (N,) of each region's pixels that both have; regions (N, H, W) bool of equal size."""
    both, size = (first & second).sum((1, 2)), first.sum((1, 2))
    return both / size
