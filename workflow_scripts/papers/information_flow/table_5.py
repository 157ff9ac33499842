"""Table V: on each model, how far apart the paths are of inputs made for it and for the other model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.attack_rows import grouped, role_of
from workflow_scripts.papers.information_flow.distances import INTERVAL_NOTE, Pair, distance, interval, mean_bound
from workflow_scripts.papers.information_flow.groups import count
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

COLUMNS = (
    Column("iip_distance", "IIP distance", 4, "nats"),
    Column("oip_distance", "OIP distance", 4, "nats"),
    Column("average_distance", "Average", 4, "nats"),
    Column("iip_lower", "IIP 95% from", 4, "nats"),
    Column("iip_upper", "IIP to", 4, "nats"),
    Column("oip_lower", "OIP 95% from", 4, "nats"),
    Column("oip_upper", "OIP to", 4, "nats"),
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row an attack and model."""
    rows = []
    for attack, model in grouped(inputs, "attack", "model"):
        keys = {"attack": attack, "model": role_of(inputs, model)}
        rows.append(Row(keys, cells(pairs_of(inputs, attack, model), keys, published)))
    return Table(
        study="information_flow",
        number="5",
        title="Distance of paths between targets",
        caption=inputs.parameters["caption"],
        keys=(Key("attack", "Attack"), Key("model", "Model (measured on)")),
        columns=COLUMNS,
        rows=rows,
        notes=[*inputs.parameters["notes"], INTERVAL_NOTE],
    )


def pairs_of(inputs: Inputs, attack: str, model: str) -> list[Pair]:
    """On `model`, the paths of inputs made for it and of those made for the other model, a pair a seed."""
    items = inputs.all(attack=attack, model=model)
    own = {item.role["seed"]: item for item in items if item.role["target"] == model}
    other = {item.role["seed"]: item for item in items if item.role["target"] != model}
    return [(own[seed], other[seed]) for seed in own]


def cells(pairs: list[Pair], keys: dict[str, str], published: PublishedTable) -> dict[str, Cell]:
    """Distances of both paths with intervals, and their average; samples are the smaller group's."""
    samples = sum(min(map(count, pair)) for pair in pairs)
    iip, oip = ([distance(pair, path) for pair in pairs] for path in ("iip", "oip"))
    values = {"iip_distance": iip, "oip_distance": oip}
    values["average_distance"] = [(a + b) / 2 for a, b in zip(iip, oip, strict=True)]
    found = {name: pool(each, samples, published.lookup(keys, name)) for name, each in values.items()}
    for path in ("iip", "oip"):
        bounds = [interval(pair, path) for pair in pairs]
        found[f"{path}_lower"] = mean_bound([low for low, _ in bounds], samples)
        found[f"{path}_upper"] = mean_bound([high for _, high in bounds], samples)
    return found
