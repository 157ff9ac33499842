"""Table 1: accuracy of the victims on clean test images."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import (
    paper_datasets,
    published_value,
    victims_by_dataset,
)
from workflow_scripts.papers.attack_signatures.percentages import percent
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool

PAPER_CLASSES = {"cifar10": 10, "tiny_imagenet": 200}
"""Number of classes of the paper's data sets."""


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per data set and victim, pooled over its trainings."""
    rows, notes = [], []
    for dataset, victims in victims_by_dataset(inputs).items():
        for victim in victims:
            trainings = inputs.all(dataset=dataset, victim=victim)
            metrics = [item.artifact.metrics for item in trainings]
            accuracies = percent(
                m[item.role["checkpoint"]]["test_accuracy"] for m, item in zip(metrics, trainings, strict=True)
            )
            value = published_value(inputs, published, "accuracy", dataset, victim=victim)
            cells = {
                "accuracy": pool(accuracies, sum(m["test_images"] for m in metrics), value),
                "parameters": pool([metrics[0]["parameters"]]),
            }
            rows.append(Row({"dataset": dataset, "victim": victim}, cells))
        classes, in_paper = metrics[0]["description"]["classes"], PAPER_CLASSES.get(paper_datasets(inputs)[dataset])
        if in_paper not in (None, classes):
            notes.append(f"{dataset} has {classes} classes, the paper's data set {in_paper}.")
    keys = (Key("dataset", "Data set"), Key("victim", "Victim"))
    columns = (Column("accuracy", "Test accuracy", 2, "%"), Column("parameters", "Parameters", 0))
    return paper_table(inputs, "Victims", keys, columns, rows, notes)
