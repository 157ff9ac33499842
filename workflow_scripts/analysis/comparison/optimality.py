"""How near an attack comes to the smallest perturbations that any attack finds (AttackBench, Cinà et al., AAAI 2025).

Each attack needs a distance for each image, infinite where it fails. Its robustness curve is the share of images that
resist all perturbations up to a distance; the best attack's curve, made of the smallest distance on each image, bounds
all others from below. Local optimality relates the areas between the curves.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def best_distances(distances: NDArray) -> NDArray:
    """The smallest distance (N,) that any of A attacks needs for each image; distances: (A, N), infinite for failures.

    Raises ValueError without an attack, and for a distance that is negative or NaN.
    """
    distances = np.asarray(distances, np.float64)
    if not len(distances):
        raise ValueError("there is no attack to compare")
    if not (distances >= 0).all():
        raise ValueError("a distance is negative or no number")
    return distances.min(0)


def reach(best: NDArray) -> float:
    """Where the best attack's robustness curve ends: the largest finite one of its distances (N,); NaN without one."""
    finite = best[np.isfinite(best)]
    return float(finite.max()) if len(finite) else float("nan")


def local_optimality(distances: NDArray, best: NDArray, until: float, weights: NDArray | None = None) -> NDArray:
    """Local optimality of an attack: 1 where it is the best on every image, 0 where it deceives with none.

    1 − (A − A*) / (A₀ − A*) with the areas, up to the distance `until`, under the robustness curves of the attack, of
    the best attack and of none. The area under a curve is the mean of min(distance, until).
    distances, best: (N,) of the attack and of the best of all attacks on the same images. until: as `reach` gives it.
    weights: (N, R), how often each image counts; default: once. Returns (R,), or a number () without weights; NaN
    where A₀ = A*.
    """
    counts = np.ones(len(best)) if weights is None else np.asarray(weights, np.float64)
    own, least = np.minimum(distances, until), np.minimum(best, until)
    with np.errstate(invalid="ignore", divide="ignore"):
        return 1 - ((own - least) @ counts) / ((until - least) @ counts)


def success_within(distances: NDArray, at: NDArray) -> NDArray:
    """The number (D,) of images that an attack deceives the model on within each of the distances `at` (D,).

    distances: (N,), infinite for failures.
    """
    return np.searchsorted(np.sort(distances), at, side="right")
