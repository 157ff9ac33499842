"""Columns that tables of path distances share: the distance between two groups' aggregated paths, and its interval."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from workflow_scripts.analysis.information.paths import bootstrap_distance, path_distance
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.bootstrap import MIN_INPUTS
from workflow_scripts.papers.information_flow.aggregated_paths import NORMAL, input_count, read_path
from workflow_scripts.papers.information_flow.roles import one_input
from workflow_scripts.rendering.table import Cell, Column, pool

INTERVAL = (Column("lower", "95% from", 4, "nats"), Column("upper", "to", 4, "nats"))
INTERVAL_NOTE = (
    "The interval is a percentile bootstrap over images (2,000 resamples, each group by itself, within each training) "
    "of the distance between the groups' mean paths; of several trainings the mean bounds are shown. It lies above "
    "zero even where the groups are alike, the more so the smaller they are, and the distance between aggregated paths "
    "may be smaller than its lower end. The findings compare the distances."
)
Pair = tuple[RoleArtifact, RoleArtifact]


def normal_pairs(inputs: Inputs, groups: Sequence[RoleArtifact]) -> list[Pair]:
    """Each group with the normal inputs' group of the same model and training seed."""
    return [
        (one_input(inputs, attack=NORMAL, model=each.role["model"], seed=each.role["seed"]), each) for each in groups
    ]


def aggregated_distance(inputs: Inputs, pair: Pair, path: str) -> float:
    """The mean over layers of |μ_1 − μ_2| of two aggregated paths (section III.B), in nats; NaN where one is empty."""
    means = [read_path(inputs, group, path, "mean") for group in pair]
    return float("nan") if any(np.isnan(mean).any() for mean in means) else float(path_distance(*means))


def distance_interval(inputs: Inputs, pair: Pair, path: str) -> tuple[float, float]:
    """95% bootstrap interval over inputs of the distance between the groups' mean paths; NaN with too few inputs."""
    paths = [read_path(inputs, group, path, "inputs") for group in pair]
    if min(map(len, paths)) < MIN_INPUTS:
        return float("nan"), float("nan")
    interval = bootstrap_distance(*paths)
    return interval.lower, interval.upper


def distance_cells(
    inputs: Inputs,
    pairs: Sequence[Pair],
    path: str,
    published: float | None,
    name: str = "distance",
    min_inputs: int = 1,
) -> dict[str, Cell]:
    """The cells `name`, `lower` and `upper` from one pair of groups per training seed; bounds are means over seeds.

    Pairs whose second group has fewer than `min_inputs` inputs only count towards the number of samples.
    """
    samples = sum(input_count(group) for _, group in pairs)
    pairs = [pair for pair in pairs if input_count(pair[1]) >= min_inputs]
    bounds = [distance_interval(inputs, pair, path) for pair in pairs]
    return {
        name: pool([aggregated_distance(inputs, pair, path) for pair in pairs], samples, published),
        "lower": bound_cell([lower for lower, _ in bounds], samples),
        "upper": bound_cell([upper for _, upper in bounds], samples),
    }


def bound_cell(bounds: Sequence[float], samples: int) -> Cell:
    """One end of an interval, averaged over the training seeds in which it is defined, without a deviation."""
    defined = [bound for bound in bounds if not np.isnan(bound)]
    return Cell(float(np.mean(defined)) if defined else None, None, len(defined), samples)
