"""Pairs of images with the same loss, one of either group: what a difference of their profiles owes to the loss alone.

Every gradient of the true label's loss grows with the loss, so an attack that drives it higher leaves larger saliences
everywhere.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

LOSS_RATIO = 1.1
"""The largest ratio of the losses of a matched pair."""
MIN_PAIRS = 30
"""Fewer matched pairs are not compared."""
UNMATCHED = 1e6
"""Cost of a pair that is too far apart, so that as many pairs as possible are made before their sum is minimised."""


def match_losses(first: NDArray, second: NDArray, ratio: float = LOSS_RATIO) -> tuple[NDArray, NDArray]:
    """Rows (n,) of `first` and of `second` (N,) and (M,) positive losses, paired; no row is in two pairs.

    The losses of a pair differ by a factor of `ratio` (above 1) at most. As many pairs are made as possible, and of the
    ways to do so the one with the smallest sum of |ln(first / second)|.
    """
    if not len(first) or not len(second):
        return np.zeros(0, int), np.zeros(0, int)
    apart = np.abs(np.log(np.asarray(first, float))[:, None] - np.log(np.asarray(second, float))[None])
    near = apart <= np.log(ratio)
    rows, columns = linear_sum_assignment(np.where(near, apart, UNMATCHED))
    kept = near[rows, columns]
    return rows[kept], columns[kept]
