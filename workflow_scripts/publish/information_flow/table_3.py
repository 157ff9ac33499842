"""Table III: how far the aggregated paths of each attack's inputs are from those of normal inputs."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.information_flow.distances import INTERVAL, INTERVAL_NOTE, distance_cells
from workflow_scripts.publish.information_flow.groups import PATHS, only
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Column, Key, Row, Table


def table(job: Job, published: PublishedTable) -> Table:
    """One row a path and attack: the mean over layers of |μ_attack − μ_normal| (section III.B), in nats."""
    attacks = list(dict.fromkeys(item.role["attack"] for item in job.inputs if item.role["attack"] != "normal"))
    rows = []
    for path, name in PATHS.items():
        for attack in attacks:
            keys = {"path": path, "attack": attack}
            pairs = [(only(job, attack="normal", seed=item.role["seed"]), item) for item in job.all(attack=attack)]
            rows.append(Row(keys, distance_cells(pairs, name, published.lookup(keys, "distance"))))
    return Table(
        study="information_flow",
        number="3",
        title="Distance of aggregated paths from normal inputs",
        caption=job.parameters["caption"],
        keys=(Key("path", "Path"), Key("attack", "Attack")),
        columns=(Column("distance", "Distance", 4, "nats"), *INTERVAL),
        rows=rows,
        notes=[*job.parameters["notes"], INTERVAL_NOTE],
    )
