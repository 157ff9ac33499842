"""Table 4: accuracy of every victim before and after the reconstructor, by class."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import (
    CLASS_KEY,
    all_classes,
    only_dataset,
    published_value,
    victims_by_dataset,
)
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

NOTE = "I: the images before reconstruction; G(I): after reconstruction."


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per victim and class, over all its configurations; every test image counts."""
    dataset = only_dataset(inputs)
    rows = []
    for number, victim in enumerate(victims_by_dataset(inputs)[dataset]):
        for name in all_classes(inputs):
            cells = {}
            for column in ("before", "after"):
                value = published_value(inputs, published, column, dataset, victim=victim, **{"class": name})
                cells[column] = accuracy_cell(inputs, number, name, column, value)
            rows.append(Row({"victim": victim, "class": name}, cells))
    keys = (Key("victim", "Victim"), CLASS_KEY)
    columns = (Column("before", "I", 1, "%"), Column("after", "G(I)", 1, "%"))
    return paper_table(inputs, "Accuracy before and after reconstruction", keys, columns, rows, [NOTE])


def accuracy_cell(inputs: Inputs, victim: int, name: str, column: str, published: float | None) -> Cell:
    """A victim's accuracy on one class, pooled over the trainings of the recogniser."""
    accuracies, samples = [], 0
    for item in inputs.all(name="recogniser_evaluation", recogniser="redrl"):
        groups = [g for g in item.artifact.metrics["groups"] if (g["victim"], g["class"]) == (victim, name)]
        images = sum(g["images"] for g in groups)
        accuracies.append(100 * sum(g["images"] * g[f"accuracy_{column}"] for g in groups) / images)
        samples += images
    return pool(accuracies, samples, published)
