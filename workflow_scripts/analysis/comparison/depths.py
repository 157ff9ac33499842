"""Values per layer, brought to the same relative depths in every network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

DEPTHS = 10


def relative_depths(count: int = DEPTHS) -> NDArray:
    """`count` relative depths (count,), evenly spaced from 0, the first layer, to 1, the last."""
    return np.linspace(0, 1, count)


def at_relative_depths(values: NDArray, count: int = DEPTHS) -> NDArray:
    """Values (…, L) of L layers at `count` relative depths, (…, count), interpolated linearly between layers.

    The layers are evenly spaced in depth; a network of one layer has the same value at all depths. float64; NaN where a
    layer that counts is NaN. Raises ValueError without a layer.
    """
    values = np.asarray(values, np.float64)
    layers = values.shape[-1]
    if not layers:
        raise ValueError("there is no layer to interpolate between")
    place = relative_depths(count) * (layers - 1)
    below = np.minimum(place.astype(int), max(layers - 2, 0))
    above = np.minimum(below + 1, layers - 1)
    part = place - below
    low, high = values[..., below], values[..., above]
    return np.where(part == 0, low, np.where(part == 1, high, low + part * (high - low)))
