"""Figures 4 to 11: aggregated IIPs, OIPs and IOCs of normal and of adversarial inputs."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.information_flow.groups import layers, read
from workflow_scripts.rendering.figures.aggregated_paths import AggregatedPath, Band, aggregated_paths


def figure(inputs: Inputs):
    """Posterior means with 95% bands, a row of panels a model; groups without an input are left out."""
    return rows_of_panels(inputs, aggregated)


def rows_of_panels(inputs: Inputs, aggregated: Callable[[RoleArtifact], AggregatedPath]):
    """A row of panels a model; `aggregated` says what is drawn of a group, and how it is called."""
    drawn: dict[str, list[AggregatedPath]] = {}
    names: dict[str, list[str]] = {}
    for model in inputs.parameters["models"]:
        items = inputs.all(model=model)
        names[model] = layers(items[0])
        paths = [aggregated(item) for item in items]
        drawn[model] = [path for path in paths if not np.isnan(path.iip.mean).any()]
    return aggregated_paths(drawn, names)


def aggregated(item: RoleArtifact) -> AggregatedPath:
    """The aggregated path of the group that the role names."""
    bands = {path: Band(*(read(item, path, part) for part in ("mean", "lower", "upper"))) for path in ("iip", "oip")}
    return AggregatedPath(item.role["attack"], bands["iip"], bands["oip"], item.role["target"] or None)
