"""Distances of spatial frequencies from frequency zero, in cycles per image; without torch."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray


def shifted_radii(height: int, width: int) -> NDArray:
    """Distance (height, width) of each frequency from the centre, as `fftshift` lays them out."""
    rows, columns = (np.arange(size) - size // 2 for size in (height, width))
    return np.hypot(rows[:, None], columns[None, :])


def largest_radius(height: int, width: int) -> int:
    """The smallest whole radius at which a low-pass filter keeps all frequencies: just above the corner's distance."""
    return math.floor(math.hypot(height // 2, width // 2)) + 1
