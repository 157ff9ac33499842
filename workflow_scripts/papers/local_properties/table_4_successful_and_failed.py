"""Table 4: response differences of successful and failed attacks on the robust model, by PGD and by FGSM."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.response_differences_table import group_rows, layer_columns
from workflow_scripts.papers.local_properties.successful_and_failed_groups import (
    OUTCOME_KEY,
    successful_and_failed_groups,
)
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Key, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Rows by attack, measure, outcome and value."""
    rows, groups = [], {}
    for attack in ("pgd", "fgsm"):
        groups = successful_and_failed_groups(inputs, attack, "robust")
        rows += group_rows(published, OUTCOME_KEY.key, groups, {"attack": attack})
    keys = (Key("attack", "By"), Key("measure", "Difference"), OUTCOME_KEY, Key("value", "Value"))
    title = "Response differences of successful and failed attacks on the robust model"
    return paper_table(inputs, title, keys, layer_columns(groups), rows)
