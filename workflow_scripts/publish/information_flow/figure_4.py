"""Figure 4: aggregated IIPs, OIPs and IOCs of normal inputs and of each attack's adversarial inputs."""

from __future__ import annotations

import numpy as np

from workflow_scripts.job import Job
from workflow_scripts.publish.figures.aggregated_paths import AggregatedPath, Band, aggregated_paths
from workflow_scripts.store.artifact import Artifact


def figure(job: Job):
    """Posterior means with 95% bands; attacks without a success are left out and named in the table."""
    drawn, layers = [], []
    for item in job.inputs:
        layers, path = load_path(item.artifact, item.role["attack"])
        if not np.isnan(path.iip.mean).any():
            drawn.append(path)
    model = job.parameters["model"]
    return aggregated_paths({model: drawn}, {model: layers})


def load_path(artifact: Artifact, attack: str, target: str | None = None) -> tuple[list[str], AggregatedPath]:
    """The layers' names and the aggregated path of an aggregate artifact."""
    with np.load(artifact.file("aggregate.npz")) as content:
        bands = {
            name: Band(*(content[f"{name}_{part}"] for part in ("mean", "lower", "upper"))) for name in ("iip", "oip")
        }
        return [str(n) for n in content["layers"]], AggregatedPath(attack, bands["iip"], bands["oip"], target)
