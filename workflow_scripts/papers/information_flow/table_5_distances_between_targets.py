"""Table V: on each model, the distance between the paths of inputs made for it and of those made for the other one."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.information_flow.aggregated_paths import input_count
from workflow_scripts.papers.information_flow.path_distance_columns import (
    INTERVAL_NOTE,
    Pair,
    aggregated_distance,
    bound_cell,
    distance_interval,
)
from workflow_scripts.papers.information_flow.roles import group_by_role, role_in_paper
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
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
    """One row per attack and model."""
    rows = []
    for attack, model in group_by_role(inputs, "attack", "model", name="aggregated_paths"):
        keys = {"attack": attack, "model": role_in_paper(inputs, model)}
        rows.append(Row(keys, cells(inputs, target_pairs(inputs, attack, model), keys, published)))
    return paper_table(
        inputs,
        "Distance of paths between targets",
        (Key("attack", "Attack"), Key("model", "Model (measured on)")),
        COLUMNS,
        rows,
        [INTERVAL_NOTE],
    )


def target_pairs(inputs: Inputs, attack: str, model: str) -> list[Pair]:
    """The groups of inputs made for `model` and for the other model, both measured on `model`: a pair per seed."""
    groups = inputs.all(attack=attack, model=model)
    own = {each.role["seed"]: each for each in groups if each.role["target"] == model}
    other = {each.role["seed"]: each for each in groups if each.role["target"] != model}
    return [(own[seed], other[seed]) for seed in own]


def cells(inputs: Inputs, pairs: list[Pair], keys: dict[str, str], published: PublishedTable) -> dict[str, Cell]:
    """The distances of both paths with intervals, and their average; samples are those of the smaller groups."""
    samples = sum(min(map(input_count, pair)) for pair in pairs)
    iip, oip = ([aggregated_distance(inputs, pair, path) for pair in pairs] for path in ("iip", "oip"))
    distances = {"iip_distance": iip, "oip_distance": oip}
    distances["average_distance"] = [(a + b) / 2 for a, b in zip(iip, oip, strict=True)]
    row = {name: pool(values, samples, published.lookup(keys, name)) for name, values in distances.items()}
    for path in ("iip", "oip"):
        bounds = [distance_interval(inputs, pair, path) for pair in pairs]
        row[f"{path}_lower"] = bound_cell([lower for lower, _ in bounds], samples)
        row[f"{path}_upper"] = bound_cell([upper for _, upper in bounds], samples)
    return row
