"""Q4: the distilled model under regular and adaptive attacks."""

from __future__ import annotations

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.information_flow.distances import INTERVAL, INTERVAL_NOTE, distance_cells
from workflow_scripts.papers.information_flow.groups import only
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

COLUMNS = (
    Column("accuracy", "Test accuracy", 4),
    Column("success_rate", "Success rate", 4),
    Column("zero_gradient", "Zero gradients", 4),
    Column("without_gradient", "Inputs of no gradient", 4),
    Column("success_of_others", "Success of the others", 4),
    Column("oip_distance", "OIP distance", 4, "nats"),
    *INTERVAL,
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row an attack; the accuracy is the model's and the same in every row."""
    return Table(
        study="information_flow",
        number="distillation",
        title="The distilled model under attack",
        caption=inputs.parameters["caption"],
        keys=(Key("attack", "Attack"),),
        columns=COLUMNS,
        rows=[Row({"attack": attack}, cells(inputs, attack, published)) for attack in inputs.parameters["attacks"]],
        notes=[*inputs.parameters["notes"], INTERVAL_NOTE],
    )


def cells(inputs: Inputs, attack: str, published: PublishedTable) -> dict[str, Cell]:
    """The attack's figures; the published ones are of the paper's regular and adaptive JSMA."""
    keys = {"attack": inputs.parameters["roles"].get(attack, attack)}
    paths = [item for item in inputs.all(attack=attack) if "subset" in item.role]
    made = inputs.all(attack=attack, made="set")
    sets = [item.artifact.metrics for item in made]
    trained = [item for item in inputs.artifacts if "checkpoint" in item.role]
    accuracies = [item.artifact.metrics[item.role["checkpoint"]]["test_accuracy"] for item in trained]
    pairs = [(only(inputs, attack="normal", seed=item.role["seed"]), item) for item in paths]
    gradients = [by_gradient(item) for item in made]
    attacked = sum(metrics["attacked"] for metrics in sets)
    values = {
        "accuracy": (accuracies, sum(item.artifact.metrics["test_images"] for item in trained)),
        "success_rate": ([metrics["success_rate"] for metrics in sets], attacked),
        "zero_gradient": ([metrics["zero_gradient"] for metrics in sets], attacked),
        "without_gradient": ([share for share, _ in gradients], attacked),
        "success_of_others": ([rate for _, rate in gradients], attacked),
    }
    found = {name: pool(each, samples, published.lookup(keys, name)) for name, (each, samples) in values.items()}
    return found | distance_cells(pairs, "oip", published.lookup(keys, "oip_distance"), "oip_distance")


def by_gradient(item: RoleArtifact) -> tuple[float, float]:
    """Of the attacked inputs the share whose first gradient is zero everywhere, and the success rate of the others."""
    columns = read_columns(item.artifact.file(FILE), ("zero_gradient", "success", "skipped"))
    attacked = ~columns["skipped"]
    none = columns["zero_gradient"][attacked] == 1
    others = columns["success"][attacked][~none]
    return float(none.mean()) if len(none) else float("nan"), float(others.mean()) if len(others) else float("nan")
