"""The effect of quantisation to 8 bits on robust accuracy and on recognition."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import (
    CLASS_KEY,
    CLEAN,
    RECOGNISERS,
    TOTAL,
    all_classes,
)
from workflow_scripts.papers.attack_signatures.percentages import percent, percentage, robust_accuracy_rows
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool

SHOWN = ("image", "redrl")
COLUMNS = (
    Column("robust_accuracy", "Robust accuracy", 1, "%"),
    Column("success", "Success rate", 1, "%"),
    *(Column(name, f"Recognised from {RECOGNISERS[name]}", 1, "%") for name in SHOWN),
)
NOTE = "The totals of robust accuracy and success rate are over attacked images only."


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per quantisation and class, and one for each quantisation's total; the paper has no such table."""
    items = inputs.all(name="robust_accuracy")
    quantisations = dict.fromkeys(row["quantisation"] for item in items for row in item.artifact.metrics["sets"])
    rows = []
    for quantisation in quantisations:
        all_rows = robust_accuracy_rows(items, quantisation)
        for position, name in enumerate([*all_classes(inputs), TOTAL]):
            own = [row for row in all_rows if name in (TOTAL, row["class"])]
            cells = {
                "robust_accuracy": pool([]) if name == CLEAN else percentage(own, "right", "images"),
                "success": pool([]) if name == CLEAN else percentage(own, "successes", "attacked"),
            }
            for recogniser in SHOWN:
                evaluations = inputs.all(name="recogniser_evaluation", recogniser=recogniser, quantisation=quantisation)
                metrics = [item.artifact.metrics for item in evaluations]
                shares = [m["total"] if name == TOTAL else m["recalls"][position] for m in metrics]
                cells[recogniser] = pool(percent(shares))
            rows.append(Row({"quantisation": quantisation, "class": name}, cells))
    keys = (Key("quantisation", "Quantisation"), CLASS_KEY)
    return paper_table(inputs, "Quantisation to 8 bits", keys, COLUMNS, rows, [NOTE])
