"""Table 6: the settings of every configuration of the attacks, and the victims' robust accuracy."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.attack_settings import RANGE_NOTE, settings_text
from workflow_scripts.papers.attack_signatures.classes_and_victims import CLASS_KEY, attack_classes, paper_datasets
from workflow_scripts.papers.attack_signatures.percentages import (
    mean_over_successes,
    percentage,
    robust_accuracy_rows,
)
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table

KEYS = (Key("dataset", "Data set"), CLASS_KEY, Key("settings", "Settings", wide=True))
COLUMNS = (
    Column("robust_accuracy", "Robust accuracy", 1, "%"),
    Column("success", "Success rate", 1, "%"),
    Column("linf", "L∞ × 255", 2),
    Column("l2", "L2", 3),
    Column("l0", "Values changed", 1, "%"),
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per data set and configuration; the published settings, which Table 2 shows, are in the notes."""
    rows = []
    for dataset in paper_datasets(inputs):
        all_rows = robust_accuracy_rows(inputs.all(dataset=dataset), inputs.parameters["quantisation"])
        for name, attacks in attack_classes(inputs).items():
            for number, attack in enumerate(attacks):
                own = [row for row in all_rows if (row["class"], row["configuration"]) == (name, number)]
                cells = {
                    "robust_accuracy": percentage(own, "right", "images"),
                    "success": percentage(own, "successes", "attacked"),
                    "linf": mean_over_successes(own, "linf", 255),
                    "l2": mean_over_successes(own, "l2"),
                    "l0": mean_over_successes(own, "l0", 100),
                }
                text = settings_text([inputs.parameters["settings"][attack]])
                rows.append(Row({"dataset": dataset, "class": name, "settings": text}, cells))
    published_settings = {name: published.label({"class": name}, "settings") for name in attack_classes(inputs)}
    notes = [f"The paper's settings of {name}: {text}." for name, text in published_settings.items() if text]
    return paper_table(inputs, "Attacks by configuration", KEYS, COLUMNS, rows, [*notes, RANGE_NOTE])
