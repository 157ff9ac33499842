"""The accuracies that the paper states in its text: natural, under attack, and on transferred examples."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

COLUMNS = (
    Column("natural", "Natural", 4),
    Column("pgd", "PGD", 4),
    Column("fgsm", "FGSM", 4),
    Column("transferred", "Transferred PGD", 4),
)
WHOLE = (
    "Accuracies are shares of all images: one that the attacked model gets wrong counts as wrong, and stands for "
    "itself among the transferred."
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row a model."""
    rows = []
    for model in ("standard", "robust"):
        keys = {"model": model}
        cells = {column.key: cell(inputs, model, column.key, published.lookup(keys, column.key)) for column in COLUMNS}
        rows.append(Row(keys, cells))
    return Table(
        study="local_properties",
        number="robustness",
        title="Accuracy and robustness of the models",
        caption=inputs.parameters["caption"],
        keys=(Key("model", "Model"),),
        columns=COLUMNS,
        rows=rows,
        notes=[WHOLE, *inputs.parameters["notes"]],
    )


def cell(inputs: Inputs, model: str, column: str, published: float | None) -> Cell:
    """One accuracy, pooled over training seeds."""
    if column == "transferred":
        found = [item.artifact.metrics for item in inputs.all(name="responses", model=model)]
        return pool([m["adversarial_accuracy"] for m in found], sum(m["pairs"] for m in found), published)
    attack = "pgd" if column == "natural" else column
    found = [item.artifact.metrics for item in inputs.all(name="set", attack=attack, victim=model)]
    lost = 0 if column == "natural" else 1
    values = [(m["attacked"] - lost * m["successes"]) / m["images"] for m in found]
    return pool(values, sum(m["images"] for m in found), published)
