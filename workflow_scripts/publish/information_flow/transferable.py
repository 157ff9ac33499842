"""Beside Figures 7, 10 and 11: aggregated paths of what transfers to another model, and of what does not."""

from __future__ import annotations

from dataclasses import replace

from workflow_scripts.job import Job, RoleArtifact
from workflow_scripts.publish.figures.aggregated_paths import AggregatedPath
from workflow_scripts.publish.information_flow.aggregated import aggregated, rows_of_panels


def figure(job: Job):
    """A curve for each target and outcome; groups without an input are left out."""
    return rows_of_panels(job, by_outcome)


def by_outcome(item: RoleArtifact) -> AggregatedPath:
    """The group's path under the name of its target and outcome."""
    path = aggregated(item)
    return path if path.target is None else replace(path, attack=f"{path.target}, {item.role['subset']}", target=None)
