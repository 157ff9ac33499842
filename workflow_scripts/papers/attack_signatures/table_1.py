"""Table 1: accuracy of the victims on clean test images."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import STUDY, paper_value, papers_of, percent, victims_of
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool

CLASSES = {"cifar10": 10, "tiny_imagenet": 200}
"""Of the paper's data sets."""


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a data set and victim, pooled over its trainings."""
    rows, notes = [], list(inputs.parameters["notes"])
    for dataset, victims in victims_of(inputs).items():
        for victim in victims:
            trained = inputs.all(dataset=dataset, victim=victim)
            metrics = [item.artifact.metrics for item in trained]
            accuracies = percent(
                m[t.role["checkpoint"]]["test_accuracy"] for m, t in zip(metrics, trained, strict=True)
            )
            given = paper_value(inputs, published, "accuracy", dataset, architecture=victim)
            cells = {
                "accuracy": pool(accuracies, sum(m["test_images"] for m in metrics), given),
                "parameters": pool([metrics[0]["parameters"]]),
            }
            rows.append(Row({"dataset": dataset, "victim": victim}, cells))
        found, expected = metrics[0]["description"]["classes"], CLASSES.get(papers_of(inputs)[dataset])
        if expected not in (None, found):
            notes.append(f"{dataset} has {found} classes, the paper's data set {expected}.")
    return Table(
        study=STUDY,
        number="1",
        title="Victims",
        caption=inputs.parameters["caption"],
        keys=(Key("dataset", "Data set"), Key("victim", "Victim")),
        columns=(Column("accuracy", "Test accuracy", 2, "%"), Column("parameters", "Parameters", 0)),
        rows=rows,
        notes=notes,
    )
