"""Table 4: response differences of successful and failed attacks on the robust model, by PGD and by FGSM."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.measured import outcomes, responses_of
from workflow_scripts.papers.local_properties.response_rows import as_table, rows_of_groups
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Key, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Rows by attack, measure, outcome and value."""
    rows, groups = [], {}
    for attack in ("pgd", "fgsm"):
        measured = responses_of(inputs, attack=attack, victim="robust", model="robust")
        groups = {
            outcome: [(found, outcomes(found)[outcome]) for found in measured] for outcome in ("successful", "failed")
        }
        rows += rows_of_groups(published, "outcome", groups, {"attack": attack})
    keys = (Key("attack", "By"), Key("measure", "Difference"), Key("outcome", "Attack"), Key("value", "Value"))
    title = "Response differences of successful and failed attacks on the robust model"
    return as_table(inputs, "4", title, keys, groups, rows)
