"""What Tables IV and VII share: accuracy and size of the models."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.roles import group_by_role, role_in_paper
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool

COLUMNS = (Column("accuracy", "Test accuracy", 4), Column("parameters", "Parameters", 0))


def models_table(inputs: Inputs, published: PublishedTable, title: str, notes: Sequence[str] = ()) -> Table:
    """One row per model; parameters include the running statistics of batch normalisation, as in the paper."""
    rows = []
    for (model,), trainings in group_by_role(inputs, "model", name="model").items():
        keys = {"model": role_in_paper(inputs, model)}
        metrics = [item.artifact.metrics for item in trainings]
        accuracies = [m[item.role["checkpoint"]]["test_accuracy"] for m, item in zip(metrics, trainings, strict=True)]
        sizes = [m["parameters_with_running_statistics"] for m in metrics]
        cells = {
            "accuracy": pool(accuracies, sum(m["test_images"] for m in metrics), published.lookup(keys, "accuracy")),
            "parameters": pool(sizes, None, published.lookup(keys, "parameters")),
        }
        rows.append(Row(keys, cells))
    return paper_table(inputs, title, (Key("model", "Model"),), COLUMNS, rows, notes)
