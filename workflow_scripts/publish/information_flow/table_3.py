"""Table III: how far the aggregated paths of each attack's inputs are from those of normal inputs."""

from __future__ import annotations

import numpy as np

from workflow_scripts.information.paths import path_distance
from workflow_scripts.job import Job
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Column, Key, Row, Table, pool

PATHS = {"input": "iip", "output": "oip"}


def table(job: Job, published: PublishedTable) -> Table:
    """One row a path and attack: the mean over layers of |μ_attack − μ_normal| (section III.B), in nats."""
    attacks = list(dict.fromkeys(item.role["attack"] for item in job.inputs if item.role["attack"] != "normal"))
    rows = []
    for path, name in PATHS.items():
        for attack in attacks:
            keys = {"path": path, "attack": attack}
            made = job.all(attack=attack)
            distances = [distance(job, item.role["seed"], attack, name) for item in made]
            samples = sum(item.artifact.metrics["inputs"] for item in made)
            rows.append(Row(keys, {"distance": pool(distances, samples, published.lookup(keys, "distance"))}))
    return Table(
        study="information_flow",
        number="3",
        title="Distance of aggregated paths from normal inputs",
        caption=job.parameters["caption"],
        keys=(Key("path", "Path"), Key("attack", "Attack")),
        columns=(Column("distance", "Distance", 4, "nats"),),
        rows=rows,
        notes=job.parameters["notes"],
    )


def distance(job: Job, seed: int, attack: str, path: str) -> float:
    """Distance of two aggregated paths of one training; NaN where the attack never succeeded."""
    means = []
    for role in ("normal", attack):
        with np.load(job.one(attack=role, seed=seed).file("aggregate.npz")) as content:
            means.append(content[f"{path}_mean"])
    if np.isnan(means).any():
        return float("nan")
    return float(path_distance(*means))
