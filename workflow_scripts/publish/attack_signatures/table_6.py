"""Table 6: the settings of every configuration, and what it leaves of the victims' accuracy."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.attack_signatures.rows import (
    CLASS_KEY,
    STUDY,
    attack_classes,
    leftovers,
    mean_of_successes,
    papers_of,
    share,
)
from workflow_scripts.publish.attack_signatures.settings import RANGE, settings_text
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Column, Key, Row, Table


def table(job: Job, published: PublishedTable) -> Table:
    """One row a data set and configuration; `published` holds the paper's words, which Table 2 shows."""
    rows = []
    for dataset in papers_of(job):
        measured = leftovers(job.all(dataset=dataset), job.parameters["quantisation"])
        for name, attacks in attack_classes(job).items():
            for number, attack in enumerate(attacks):
                own = [row for row in measured if (row["class"], row["configuration"]) == (name, number)]
                cells = {
                    "leftover": share(own, "right", "images"),
                    "success": share(own, "successes", "attacked"),
                    "linf": mean_of_successes(own, "linf", 255),
                    "l2": mean_of_successes(own, "l2"),
                    "l0": mean_of_successes(own, "l0", 100),
                }
                text = settings_text([job.parameters["settings"][attack]])
                rows.append(Row({"dataset": dataset, "class": name, "settings": text}, cells))
    notes = [
        f"The paper prints: {published.label({'class': name}, 'settings')} ({name})."
        for name in attack_classes(job)
        if published.label({"class": name}, "settings")
    ]
    return Table(
        study=STUDY,
        number="6",
        title="Attacks by configuration",
        caption=job.parameters["caption"],
        keys=(Key("dataset", "Data set"), CLASS_KEY, Key("settings", "Settings", wide=True)),
        columns=(
            Column("leftover", "Accuracy left", 1, "%"),
            Column("success", "Success rate", 1, "%"),
            Column("linf", "L∞ × 255", 2),
            Column("l2", "L2", 3),
            Column("l0", "Values changed", 1, "%"),
        ),
        rows=rows,
        notes=[*notes, RANGE, *job.parameters["notes"]],
    )
