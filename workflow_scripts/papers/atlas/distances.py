"""How far attacks move images, and how near they come to the smallest perturbation that any attack finds."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.comparison.optimality import best_distances
from workflow_scripts.papers.atlas.pairs import ATTACK, Pair

LEAST_SPREAD = 0.01
"""Distances that differ by less than this share of their median come from a budget, not from a search."""


def attack_distances(pair: Pair, norm: str) -> NDArray:
    """The distance (N,) of each attacked image's example, infinite where the attack failed.

    norm: "l0" (share of changed values), "l2" or "linf", for pixels in [0, 1].
    """
    return np.where(pair.success, pair.set_columns(ATTACK)[norm].astype(np.float64), np.inf)


def own_norm(pair: Pair) -> str:
    """The norm in which the attack reports its distortion."""
    return pair.sets[ATTACK].metrics["norm"]


def of_minimum_norm(distances: NDArray) -> bool:
    """Whether an attack's distances (N,), infinite for failures, differ from image to image."""
    found = distances[np.isfinite(distances)]
    return len(found) > 1 and float(np.ptp(found)) > LEAST_SPREAD * float(np.median(found))


def best_of(pairs: Sequence[Pair], norm: str) -> NDArray:
    """The smallest distance (N,) that any of the attacks on one model needs for each attacked image.

    Raises ValueError where the attacks are of different images.
    """
    if any(not np.array_equal(pair.index, pairs[0].index) for pair in pairs):
        raise ValueError(f"the attacks on {pairs[0].model} are of different images")
    return best_distances(np.stack([attack_distances(pair, norm) for pair in pairs]))
