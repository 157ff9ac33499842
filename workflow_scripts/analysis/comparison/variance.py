"""How much of the differences between things a factor explains, from their distances alone (PERMANOVA).

Anderson (2001), "A new method for non-parametric multivariate analysis of variance"; for several factors McArdle &
Anderson (2001), "Fitting multivariate models to community data".
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.comparison.ordering import centred


@dataclass(frozen=True)
class Explained:
    """What one factor explains beside the others.

    r_squared: its share of the sum of squares; f: pseudo-F, NaN without residual degrees of freedom; p_value: the share
    of permutations with at least this F, the observed one included (Phipson & Smyth 2010), NaN where F is or without
    permutations; degrees: its degrees of freedom.
    """

    r_squared: float
    f: float
    p_value: float
    degrees: int


def permanova(
    distances: NDArray, factors: Mapping[str, Sequence[str]], permutations: int = 999, seed: int = 0
) -> dict[str, Explained]:
    """What each factor explains of squared distances (P, P), given the others.

    factors: name → the level of each of the P things. A factor's sum of squares is what the model of all factors'
    main effects explains more than the model without it; in a complete crossed design the sums of all factors and the
    residual's add up to the whole. A permutation exchanges things that have the same levels of all other factors.
    Raises ValueError for levels of another number than things, a factor of one level, or no differences at all.
    """
    inner, count = centred(distances), len(distances)
    total = float(np.trace(inner))
    for name, levels in factors.items():
        if len(levels) != count or len(set(levels)) < 2:
            raise ValueError(f"{name} has {len(set(levels))} levels on {len(levels)} of {count} things")
    if total <= 0:
        raise ValueError("all things are the same")
    whole = _projection(factors, count)
    left = count - _rank(whole)
    result = {}
    for place, name in enumerate(factors):
        others = {key: levels for key, levels in factors.items() if key != name}
        own = whole - _projection(others, count)
        degrees = _rank(own)
        explained, f = _explained(inner, own, whole, degrees, left)
        p_value = float("nan")
        if permutations and left and degrees:
            strata, rng = _strata(others, count), np.random.default_rng([seed, place])
            drawn = (_within(strata, rng) for _ in range(permutations))
            found = np.array([_explained(inner[np.ix_(rows, rows)], own, whole, degrees, left)[1] for rows in drawn])
            p_value = float((1 + np.count_nonzero(found >= f * (1 - 1e-9))) / (1 + permutations))
        result[name] = Explained(explained / total, f, p_value, degrees)
    return result


def _explained(inner: NDArray, own: NDArray, whole: NDArray, degrees: int, left: int) -> tuple[float, float]:
    """A factor's sum of squares and its pseudo-F."""
    explained = float((own * inner).sum())
    if not left or not degrees:
        return explained, float("nan")
    residual = float(np.trace(inner) - (whole * inner).sum())
    with np.errstate(divide="ignore"):
        return explained, float(np.divide(explained / degrees, max(residual, 0.0) / left))


def _projection(factors: Mapping[str, Sequence[str]], count: int) -> NDArray:
    """The projection (P, P) on what the constant and the factors' main effects span."""
    columns = [np.ones((count, 1))]
    for levels in factors.values():
        names = list(dict.fromkeys(levels))
        columns.append(np.array([[float(level == name) for name in names] for level in levels]))
    design = np.concatenate(columns, axis=1)
    return design @ np.linalg.pinv(design)


def _rank(projection: NDArray) -> int:
    return round(float(np.trace(projection)))


def _strata(factors: Mapping[str, Sequence[str]], count: int) -> list[NDArray]:
    """The places of things that have the same levels of all factors."""
    found: dict[tuple, list[int]] = {}
    for place in range(count):
        found.setdefault(tuple(levels[place] for levels in factors.values()), []).append(place)
    return [np.array(places) for places in found.values()]


def _within(strata: list[NDArray], rng: np.random.Generator) -> NDArray:
    """A permutation of all places that exchanges places of one stratum only."""
    rows = np.empty(sum(map(len, strata)), int)
    for places in strata:
        rows[places] = rng.permutation(places)
    return rows
