"""Means over images, each of which counts as often as a weight says."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def weighted_means(values: NDArray, weights: NDArray) -> NDArray:
    """The means (R, D) of values (N, D) with weights (N, R), over the images where a value is finite; NaN over none."""
    values, weights = np.asarray(values, np.float64), np.asarray(weights, np.float64)
    known = np.isfinite(values)
    with np.errstate(invalid="ignore", divide="ignore"):
        if known.all():
            return (weights.T @ values) / weights.sum(0)[:, None]
        return (weights.T @ np.where(known, values, 0)) / (weights.T @ known.astype(np.float64))
