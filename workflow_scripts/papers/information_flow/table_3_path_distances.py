"""Table III: distance of the aggregated paths of each attack's inputs from those of normal inputs."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.aggregated_paths import NORMAL, PATHS
from workflow_scripts.papers.information_flow.path_distance_columns import (
    INTERVAL,
    INTERVAL_NOTE,
    distance_cells,
    normal_pairs,
)
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per path and attack: the mean over layers of |μ_attack − μ_normal| (section III.B), in nats."""
    attacks = list(dict.fromkeys(item.role["attack"] for item in inputs.artifacts if item.role["attack"] != NORMAL))
    rows = []
    for path, file_name in PATHS.items():
        for attack in attacks:
            keys = {"path": path, "attack": attack}
            pairs = normal_pairs(inputs, inputs.all(attack=attack))
            rows.append(Row(keys, distance_cells(inputs, pairs, file_name, published.lookup(keys, "distance"))))
    return paper_table(
        inputs,
        "Distance of aggregated paths from normal inputs",
        (Key("path", "Path"), Key("attack", "Attack")),
        (Column("distance", "Distance", 4, "nats"), *INTERVAL),
        rows,
        [INTERVAL_NOTE],
    )
