"""The accuracies that the paper states in its text: natural, under attack, and on transferred examples."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

COLUMNS = (
    Column("natural", "Natural", 4),
    Column("pgd", "PGD", 4),
    Column("fgsm", "FGSM", 4),
    Column("transferred", "Transferred PGD", 4),
)
OTHER = {"standard": "robust", "robust": "standard"}
ALL_IMAGES = "Accuracies are shares of all images; an image that was not attacked is measured unchanged."


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per model."""
    rows = []
    for model in ("standard", "robust"):
        keys = {"model": model}
        cells = {column.key: cell(inputs, model, column.key, published.lookup(keys, column.key)) for column in COLUMNS}
        rows.append(Row(keys, cells))
    title = "Accuracy and robustness of the models"
    return paper_table(inputs, title, (Key("model", "Model"),), COLUMNS, rows, [ALL_IMAGES])


def cell(inputs: Inputs, model: str, column: str, published: float | None) -> Cell:
    """One accuracy, pooled over training seeds."""
    attack = "fgsm" if column == "fgsm" else "pgd"
    victim = OTHER[model] if column == "transferred" else model
    accuracy = "natural_accuracy" if column == "natural" else "adversarial_accuracy"
    found = inputs.all(name="responses", attack=attack, victim=victim, model=model)
    metrics = [item.artifact.metrics for item in found]
    return pool([m[accuracy] for m in metrics], sum(m["pairs"] for m in metrics), published)
