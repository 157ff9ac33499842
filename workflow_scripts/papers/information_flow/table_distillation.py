"""Q4: the distilled model under regular and adaptive attacks."""

from __future__ import annotations

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.information_flow.path_distance_columns import (
    INTERVAL,
    INTERVAL_NOTE,
    distance_cells,
    normal_pairs,
)
from workflow_scripts.papers.information_flow.roles import role_in_paper
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

COLUMNS = (
    Column("accuracy", "Test accuracy", 4),
    Column("success_rate", "Success rate", 4),
    Column("zero_gradient", "Zero gradients", 4),
    Column("without_gradient", "Inputs with zero gradient", 4),
    Column("success_of_others", "Success on the others", 4),
    Column("oip_distance", "OIP distance", 4, "nats"),
    *INTERVAL,
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per attack; the accuracy is the model's and the same in every row."""
    rows = [Row({"attack": attack}, cells(inputs, attack, published)) for attack in inputs.parameters["attacks"]]
    title = "The distilled model under attack"
    return paper_table(inputs, title, (Key("attack", "Attack"),), COLUMNS, rows, [INTERVAL_NOTE])


def cells(inputs: Inputs, attack: str, published: PublishedTable) -> dict[str, Cell]:
    """The values of one attack; published ones exist for the paper's regular and adaptive JSMA."""
    keys = {"attack": role_in_paper(inputs, attack)}
    sets = inputs.all(name="adversarial_set", attack=attack)
    metrics = [item.artifact.metrics for item in sets]
    models = inputs.all(name="model")
    accuracies = [item.artifact.metrics[item.role["checkpoint"]]["test_accuracy"] for item in models]
    gradients = [zero_gradient_share(item) for item in sets]
    attacked = sum(m["attacked"] for m in metrics)
    values = {
        "accuracy": (accuracies, sum(item.artifact.metrics["test_images"] for item in models)),
        "success_rate": ([m["success_rate"] for m in metrics], attacked),
        "zero_gradient": ([m["zero_gradient"] for m in metrics], attacked),
        "without_gradient": ([share for share, _ in gradients], attacked),
        "success_of_others": ([rate for _, rate in gradients], attacked),
    }
    row = {name: pool(seeds, samples, published.lookup(keys, name)) for name, (seeds, samples) in values.items()}
    pairs = normal_pairs(inputs, inputs.all(name="aggregated_paths", attack=attack))
    return row | distance_cells(inputs, pairs, "oip", published.lookup(keys, "oip_distance"), "oip_distance")


def zero_gradient_share(item: RoleArtifact) -> tuple[float, float]:
    """The share of attacked inputs whose first gradient is zero everywhere, and the success rate on the others."""
    columns = read_columns(item.artifact.file(FILE), ("zero_gradient", "success", "skipped"))
    attacked = ~columns["skipped"]
    zero = columns["zero_gradient"][attacked] == 1
    others = columns["success"][attacked][~zero]
    return float(zero.mean()) if len(zero) else float("nan"), float(others.mean()) if len(others) else float("nan")
