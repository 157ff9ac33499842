"""Beside Figures 7, 10 and 11: aggregated paths of adversarial inputs that transfer to another model, and of others."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.information_flow.aggregated_paths import input_count
from workflow_scripts.papers.information_flow.figures_4_to_11_aggregated_paths import draw_paths, group_path
from workflow_scripts.papers.information_flow.path_distances import MIN_GROUP_SIZE
from workflow_scripts.rendering.figures.aggregated_paths import AggregatedPath, Band
from workflow_scripts.rendering.names import display_name


def figure(inputs: Inputs):
    """One curve per target and outcome.

    Groups of fewer than MIN_GROUP_SIZE inputs are left out: their Gaussian process may be fitted as noise around a
    constant.
    """
    return draw_paths(inputs, path_by_outcome)


def path_by_outcome(inputs: Inputs, group: RoleArtifact) -> AggregatedPath:
    """The group's path labelled by target and outcome; NaN where the group has too few inputs."""
    path = group_path(inputs, group)
    if path.target is None:
        return path
    if input_count(group) < MIN_GROUP_SIZE:
        path = replace(path, iip=_undefined(path.iip), oip=_undefined(path.oip))
    return replace(path, attack=f"{display_name(path.target)}, {group.role['subset']}", target=None)


def _undefined(band: Band) -> Band:
    """A band of NaN over the same layers."""
    return Band(*(np.full_like(band.mean, np.nan) for _ in range(3)))
