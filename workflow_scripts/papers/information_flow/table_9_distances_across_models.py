"""Table IX: OIP distance from normal inputs, by the model attacked (target) and the model measured (inference)."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.path_distance_columns import (
    INTERVAL,
    INTERVAL_NOTE,
    distance_cells,
    normal_pairs,
)
from workflow_scripts.papers.information_flow.roles import group_by_role
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per inference model and target, over the inputs that succeed against every model."""
    rows = []
    for (model, target), groups in group_by_role(inputs, "model", "target", name="aggregated_paths").items():
        if target:
            keys = {"inference": model, "target": target}
            value = published.lookup(keys, "oip_distance")
            pairs = normal_pairs(inputs, groups)
            rows.append(Row(keys, distance_cells(inputs, pairs, "oip", value, name="oip_distance")))
    return paper_table(
        inputs,
        "OIP distance across models",
        (Key("inference", "Inference model"), Key("target", "Target")),
        (Column("oip_distance", "OIP distance", 4, "nats"), *INTERVAL),
        rows,
        [INTERVAL_NOTE],
    )
