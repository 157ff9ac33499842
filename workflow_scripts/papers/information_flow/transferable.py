"""Beside Figures 7, 10 and 11: aggregated paths of what transfers to another model, and of what does not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.information_flow.aggregated import aggregated, rows_of_panels
from workflow_scripts.papers.information_flow.groups import count
from workflow_scripts.papers.information_flow.path_groups import ENOUGH
from workflow_scripts.rendering.figures.aggregated_paths import AggregatedPath, Band
from workflow_scripts.rendering.names import display_name


def figure(inputs: Inputs):
    """A curve for each target and outcome.

    Groups of fewer than ENOUGH inputs are left out: their process may be fitted as noise around a constant.
    """
    return rows_of_panels(inputs, by_outcome)


def by_outcome(item: RoleArtifact) -> AggregatedPath:
    """The group's path under the name of its target and outcome; NaN where it has too few inputs."""
    path = aggregated(item)
    if path.target is None:
        return path
    if count(item) < ENOUGH:
        path = replace(path, iip=unknown(path.iip), oip=unknown(path.oip))
    return replace(path, attack=f"{display_name(path.target)}, {item.role['subset']}", target=None)


def unknown(band: Band) -> Band:
    """A band of the same layers that says nothing."""
    return Band(*(np.full_like(band.mean, np.nan) for _ in range(3)))
