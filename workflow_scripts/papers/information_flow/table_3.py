"""Table III: how far the aggregated paths of each attack's inputs are from those of normal inputs."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.distances import INTERVAL, INTERVAL_NOTE, distance_cells
from workflow_scripts.papers.information_flow.groups import PATHS, only
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a path and attack: the mean over layers of |μ_attack − μ_normal| (section III.B), in nats."""
    attacks = list(dict.fromkeys(item.role["attack"] for item in inputs.artifacts if item.role["attack"] != "normal"))
    rows = []
    for path, name in PATHS.items():
        for attack in attacks:
            keys = {"path": path, "attack": attack}
            pairs = [
                (only(inputs, attack="normal", seed=item.role["seed"]), item) for item in inputs.all(attack=attack)
            ]
            rows.append(Row(keys, distance_cells(pairs, name, published.lookup(keys, "distance"))))
    return Table(
        study="information_flow",
        number="3",
        title="Distance of aggregated paths from normal inputs",
        caption=inputs.parameters["caption"],
        keys=(Key("path", "Path"), Key("attack", "Attack")),
        columns=(Column("distance", "Distance", 4, "nats"), *INTERVAL),
        rows=rows,
        notes=[*inputs.parameters["notes"], INTERVAL_NOTE],
    )
