"""Q5's comparison: OIP distance from normal inputs of the adversarial inputs that transfer, and of the others."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.path_distance_columns import (
    INTERVAL,
    INTERVAL_NOTE,
    distance_cells,
    normal_pairs,
)
from workflow_scripts.papers.information_flow.path_distances import MIN_GROUP_SIZE
from workflow_scripts.papers.information_flow.roles import group_by_role
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table

NOTE = (
    f"No distance is given for groups of fewer than {MIN_GROUP_SIZE} inputs: their aggregated path may be a constant."
)
KEYS = (
    Key("attack", "Attack"),
    Key("inference", "Inference model"),
    Key("target", "Target"),
    Key("outcome", "Outcome"),
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per attack, inference model, target and outcome; the paper prints no such numbers."""
    rows = []
    groups_by_role = group_by_role(inputs, "attack", "model", "target", "subset", name="aggregated_paths")
    for (attack, model, target, subset), groups in groups_by_role.items():
        if target:
            keys = {"attack": attack, "inference": model, "target": target, "outcome": subset}
            value = published.lookup(keys, "oip_distance")
            pairs = normal_pairs(inputs, groups)
            rows.append(Row(keys, distance_cells(inputs, pairs, "oip", value, "oip_distance", MIN_GROUP_SIZE)))
    columns = (Column("oip_distance", "OIP distance", 4, "nats"), *INTERVAL)
    return paper_table(inputs, "OIP distance of transferable inputs", KEYS, columns, rows, [NOTE, INTERVAL_NOTE])
