"""Several numbers at once with their bootstrap intervals over images, and table rows of them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.comparison.depths import DEPTHS, relative_depths
from workflow_scripts.papers.bootstrap import LEVEL, MIN_INPUTS
from workflow_scripts.rendering.table import Cell, Column, Key, Row

VALUE_KEY = Key("value", "Value")
_PARTS = {"lower": "95% from", "upper": "to"}


@dataclass(frozen=True)
class Estimate:
    """D numbers and their 95% intervals, (D,) each, NaN where nothing could be measured; images: their number."""

    value: NDArray
    lower: NDArray
    upper: NDArray
    images: int


def estimate(statistic: Callable[[NDArray], NDArray], weights: NDArray) -> Estimate:
    """Numbers that a statistic of weighted images gives, and their percentile intervals.

    statistic: weights (N, R) → (R, D), or (R,) for one number. weights: (N, R), how often each image is drawn in each
    resample. With fewer than two images the numbers are not measured: NaN.
    """
    once = np.ones((len(weights), 1))
    value = np.atleast_2d(statistic(once).reshape(1, -1))[0]
    if len(weights) < MIN_INPUTS:
        value = np.full_like(value, np.nan)
        return Estimate(value, value, value, len(weights))
    replicates = statistic(weights.astype(np.float64)).reshape(weights.shape[1], -1)
    return Estimate(value, *percentiles(replicates), len(weights))


def percentiles(replicates: NDArray) -> tuple[NDArray, NDArray]:
    """The ends (D,) of the percentile intervals of replicates (R, D) that are no NaN; NaN where all are."""
    lower, upper = np.full((2, replicates.shape[1]), np.nan)
    known = ~np.isnan(replicates).all(0)
    if known.any():
        ends = np.nanquantile(replicates[:, known], [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
        lower[known], upper[known] = ends
    return lower, upper


def cell(value: float, images: int | None) -> Cell:
    """The cell of a number of one training; without one for NaN."""
    known = bool(np.isfinite(value))
    return Cell(float(value) if known else None, None, int(known), images)


def interval_rows(keys: Mapping[str, str], columns: Sequence[Column], found: Estimate, name: str) -> list[Row]:
    """Three rows of an estimate of a number per column: the value, which is called `name`, and its interval's ends."""
    rows = []
    for part, text in {"value": name, **_PARTS}.items():
        values = getattr(found, part)
        cells = {column.key: cell(each, found.images) for column, each in zip(columns, values, strict=True)}
        rows.append(Row({**keys, "value": text}, cells))
    return rows


def depth_columns(decimals: int) -> list[Column]:
    """A column for each relative depth."""
    return [
        Column(f"depth_{place}", f"{100 * depth:.0f}%", decimals)
        for place, depth in zip(range(1, DEPTHS + 1), relative_depths(), strict=True)
    ]
