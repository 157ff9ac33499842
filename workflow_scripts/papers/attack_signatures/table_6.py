"""Table 6: the settings of every configuration, and what it leaves of the victims' accuracy."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import (
    CLASS_KEY,
    STUDY,
    attack_classes,
    mean_of_successes,
    papers_of,
    robust_accuracies,
    share,
)
from workflow_scripts.papers.attack_signatures.settings import RANGE, settings_text
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a data set and configuration; `published` holds the paper's words, which Table 2 shows."""
    rows = []
    for dataset in papers_of(inputs):
        measured = robust_accuracies(inputs.all(dataset=dataset), inputs.parameters["quantisation"])
        for name, attacks in attack_classes(inputs).items():
            for number, attack in enumerate(attacks):
                own = [row for row in measured if (row["class"], row["configuration"]) == (name, number)]
                cells = {
                    "robust_accuracy": share(own, "right", "images"),
                    "success": share(own, "successes", "attacked"),
                    "linf": mean_of_successes(own, "linf", 255),
                    "l2": mean_of_successes(own, "l2"),
                    "l0": mean_of_successes(own, "l0", 100),
                }
                text = settings_text([inputs.parameters["settings"][attack]])
                rows.append(Row({"dataset": dataset, "class": name, "settings": text}, cells))
    notes = [
        f"The paper prints: {published.label({'class': name}, 'settings')} ({name})."
        for name in attack_classes(inputs)
        if published.label({"class": name}, "settings")
    ]
    return Table(
        study=STUDY,
        number="6",
        title="Attacks by configuration",
        caption=inputs.parameters["caption"],
        keys=(Key("dataset", "Data set"), CLASS_KEY, Key("settings", "Settings", wide=True)),
        columns=(
            Column("robust_accuracy", "Accuracy left", 1, "%"),
            Column("success", "Success rate", 1, "%"),
            Column("linf", "L∞ × 255", 2),
            Column("l2", "L2", 3),
            Column("l0", "Values changed", 1, "%"),
        ),
        rows=rows,
        notes=[*notes, RANGE, *inputs.parameters["notes"]],
    )
