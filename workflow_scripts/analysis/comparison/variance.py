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

    r_squared: its share of the sum of squares; permuted: the mean of that over permutations, NaN without any; f:
    pseudo-F, NaN without residual degrees of freedom; p_value: the share of permutations with at least this F, the
    observed one included (Phipson & Smyth 2010), NaN where F is; degrees: its degrees of freedom.
    """

    r_squared: float
    permuted: float
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
    Raises ValueError as `explained_shares` does.
    """
    observed, inner, count = explained_shares(distances, factors), centred(distances), len(distances)
    left = count - _rank(_projection(factors, count))
    result = {}
    for place, name in enumerate(factors):
        others = {key: levels for key, levels in factors.items() if key != name}
        degrees = count - left - _rank(_projection(others, count))
        strata, rng = _strata(others, count), np.random.default_rng([seed, place])
        orders = [_within(strata, rng) for _ in range(permutations)]
        drawn = np.array([inner[np.ix_(rows, rows)] for rows in orders]).reshape(-1, count, count)
        permuted = _shares(drawn, factors)
        f, others_f = (_pseudo_f(shares, place, degrees, left) for shares in (observed, permuted))
        p_value = (1 + np.count_nonzero(others_f >= f * (1 - 1e-9))) / (1 + permutations)
        result[name] = Explained(
            r_squared=float(observed[place]),
            permuted=float(permuted[:, place].mean()) if permutations else float("nan"),
            f=float(f),
            p_value=float("nan") if np.isnan(f) or not permutations else float(p_value),
            degrees=degrees,
        )
    return result


def explained_shares(distances: NDArray, factors: Mapping[str, Sequence[str]]) -> NDArray:
    """R² of each factor beside the others, and last what all of them leave, (…, factors + 1).

    distances: (…, P, P). Raises ValueError for levels of another number than things, a factor of one level, or things
    that do not differ at all.
    """
    count = np.shape(distances)[-1]
    for name, levels in factors.items():
        if len(levels) != count or len(set(levels)) < 2:
            raise ValueError(f"{name} has {len(set(levels))} levels on {len(levels)} of {count} things")
    inner = centred(distances)
    if not (np.trace(inner, axis1=-2, axis2=-1) > 0).all():
        raise ValueError("all things are the same")
    return _shares(inner, factors)


def _shares(inner: NDArray, factors: Mapping[str, Sequence[str]]) -> NDArray:
    """`explained_shares` of centred matrices (…, P, P)."""
    count = inner.shape[-1]
    whole = _projection(factors, count)
    parts = [
        whole - _projection({key: levels for key, levels in factors.items() if key != name}, count) for name in factors
    ]
    sums = [(part * inner).sum((-2, -1)) for part in (*parts, np.eye(count) - whole)]
    return np.stack(sums, axis=-1) / np.trace(inner, axis1=-2, axis2=-1)[..., None]


def _pseudo_f(shares: NDArray, place: int, degrees: int, left: int) -> NDArray:
    """Pseudo-F (…,) of a factor from the shares (…, factors + 1); NaN without degrees of freedom."""
    if not left or not degrees:
        return np.full(shares.shape[:-1], np.nan)
    with np.errstate(divide="ignore"):
        return (shares[..., place] / degrees) / (np.clip(shares[..., -1], 0, None) / left)


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
