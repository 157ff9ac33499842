"""The columns that Tables IV and VII share: a model's accuracy and size."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.information_flow.attack_rows import grouped, role_of
from workflow_scripts.publish.published import PublishedTable
from workflow_scripts.publish.table import Column, Key, Row, Table, pool


def models_table(job: Job, published: PublishedTable, number: str, title: str) -> Table:
    """One row a model; parameters count batch norms' running statistics, as the paper does."""
    rows = []
    for (model,), trained in grouped(job, "model").items():
        keys = {"model": role_of(job, model)}
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
        caption=job.parameters["caption"],
        keys=(Key("model", "Model"),),
        columns=(Column("accuracy", "Test accuracy", 4), Column("parameters", "Parameters", 0)),
        rows=rows,
        notes=job.parameters["notes"],
    )
