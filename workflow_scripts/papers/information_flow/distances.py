"""Distances between the aggregated paths of two groups of inputs, with their intervals, as tables show them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workflow_scripts.analysis.information.paths import bootstrap_distance, path_distance
from workflow_scripts.inputs.artifacts import RoleArtifact
from workflow_scripts.papers.evidence import FEWEST
from workflow_scripts.papers.information_flow.groups import count, read
from workflow_scripts.rendering.table import Cell, Column, pool

INTERVAL = (Column("lower", "95% from", 4, "nats"), Column("upper", "to", 4, "nats"))
INTERVAL_NOTE = (
    "An interval says how large the distance of the groups' mean paths is. It lies above zero even where the groups "
    "are alike, the more so the smaller they are; aggregated paths may be nearer than it says. The findings compare."
)
Pair = tuple[RoleArtifact, RoleArtifact]


def distance(pair: Pair, path: str) -> float:
    """The mean over layers of |μ_1 − μ_2| of two aggregated paths (section III.B), in nats; NaN where one is empty."""
    means = [read(item, path, "mean") for item in pair]
    return float("nan") if any(np.isnan(mean).any() for mean in means) else float(path_distance(*means))


def interval(pair: Pair, path: str) -> tuple[float, float]:
    """Bootstrap interval over inputs of the distance of the two groups' mean paths; NaN with fewer than two inputs."""
    inputs = [read(item, path, "inputs") for item in pair]
    if min(map(len, inputs)) < FEWEST:
        return float("nan"), float("nan")
    found = bootstrap_distance(*inputs)
    return found.lower, found.upper


def distance_cells(
    pairs: Sequence[Pair], path: str, published: float | None, name: str = "distance", fewest: int = 1
) -> dict[str, Cell]:
    """`name`, lower and upper, from one pair of groups a training seed; intervals are means over the seeds.

    Pairs whose second group has fewer than `fewest` inputs count among the samples alone.
    """
    samples = sum(count(pair[1]) for pair in pairs)
    pairs = [pair for pair in pairs if count(pair[1]) >= fewest]
    bounds = [interval(pair, path) for pair in pairs]
    return {
        name: pool([distance(pair, path) for pair in pairs], samples, published),
        "lower": mean_bound([low for low, _ in bounds], samples),
        "upper": mean_bound([high for _, high in bounds], samples),
    }


def mean_bound(values: Sequence[float], samples: int) -> Cell:
    """An interval's end, averaged over the seeds in which there is one; without a deviation of its own."""
    known = [value for value in values if not np.isnan(value)]
    return Cell(float(np.mean(known)) if known else None, None, len(known), samples)
