"""Figures 4 to 11: aggregated IIPs, OIPs and IOCs of normal and of adversarial inputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.information_flow.aggregated_paths import layer_names, read_path
from workflow_scripts.rendering.figures.aggregated_paths import AggregatedPath, Band, aggregated_paths


def figure(inputs: Inputs):
    """Posterior means with 95% bands, one row of panels per model; groups without inputs are left out."""
    return draw_paths(inputs, group_path)


def draw_paths(inputs: Inputs, path_of: Callable[[Inputs, RoleArtifact], AggregatedPath]):
    """One row of panels per model; `path_of` gives the curve of a group, with its label."""
    paths_by_model: dict[str, list[AggregatedPath]] = {}
    layers_by_model: dict[str, list[str]] = {}
    for model in inputs.parameters["models"]:
        groups = inputs.all(model=model)
        layers_by_model[model] = layer_names(groups[0])
        paths = [path_of(inputs, group) for group in groups]
        paths_by_model[model] = [path for path in paths if not np.isnan(path.iip.mean).any()]
    return aggregated_paths(paths_by_model, layers_by_model)


def group_path(inputs: Inputs, group: RoleArtifact) -> AggregatedPath:
    """The aggregated path of a group, labelled by attack and target."""
    iip, oip = (
        Band(*(read_path(inputs, group, path, part) for part in ("mean", "lower", "upper"))) for path in ("iip", "oip")
    )
    return AggregatedPath(group.role["attack"], iip, oip, group.role["target"] or None)
