"""The columns that Tables IV and VII share: a model's accuracy and size."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.attack_rows import grouped, role_of
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Column, Key, Row, Table, pool


def models_table(inputs: Inputs, published: PublishedTable, number: str, title: str) -> Table:
    """One row a model; parameters count batch norms' running statistics, as the paper does."""
    rows = []
    for (model,), trained in grouped(inputs, "model").items():
        keys = {"model": role_of(inputs, model)}
        metrics = [item.artifact.metrics for item in trained]
        accuracies = [m[item.role["checkpoint"]]["test_accuracy"] for m, item in zip(metrics, trained, strict=True)]
        sizes = [m["parameters_with_running_statistics"] for m in metrics]
        cells = {
            "accuracy": pool(accuracies, sum(m["test_images"] for m in metrics), published.lookup(keys, "accuracy")),
            "parameters": pool(sizes, None, published.lookup(keys, "parameters")),
        }
        rows.append(Row(keys, cells))
    return Table(
        study="information_flow",
        number=number,
        title=title,
        caption=inputs.parameters["caption"],
        keys=(Key("model", "Model"),),
        columns=(Column("accuracy", "Test accuracy", 4), Column("parameters", "Parameters", 0)),
        rows=rows,
        notes=inputs.parameters["notes"],
    )
