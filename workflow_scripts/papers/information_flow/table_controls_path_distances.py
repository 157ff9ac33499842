"""Controls of Tables III, V and IX: distances as plug-in, by chance and corrected, and those of the clean images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from workflow_scripts.analysis.information.paths import bootstrap_distance, path_distance
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.bootstrap import MIN_INPUTS
from workflow_scripts.papers.information_flow.aggregated_paths import (
    CORRECTED,
    EXPECTED,
    NORMAL,
    PATHS,
    PLUG_IN,
    input_count,
    stored_path,
)
from workflow_scripts.papers.information_flow.paired_shifts import clean_paths, normal_spread
from workflow_scripts.papers.information_flow.path_distance_columns import Pair, bound_cell, normal_pairs
from workflow_scripts.papers.information_flow.roles import group_by_role
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

KEYS = (
    Key("table", "Table"),
    Key("attack", "Attack"),
    Key("model", "Model (measured on)"),
    Key("target", "Target"),
    Key("path", "Path"),
)
COLUMNS = (
    Column("plug_in", "Plug-in", 4, "nats"),
    Column("expected", "By chance", 4, "nats"),
    Column("corrected", "Corrected", 4, "nats"),
    Column("lower", "95% from", 4, "nats"),
    Column("upper", "to", 4, "nats"),
    Column("clean", "Clean, plug-in", 4, "nats"),
    Column("clean_corrected", "Clean, corrected", 4, "nats"),
    Column("plug_in_spreads", "Plug-in / spread", 2),
    Column("corrected_spreads", "Corrected / spread", 2),
)
NOTE = (
    "Distances between the plain mean paths of two groups: normal inputs and adversarial inputs (Tables 3 and 9), or "
    "the inputs made against the two models (Table 5). By chance: of the paths that are expected when the positions of "
    "maps are permuted at random; corrected: of plug-in minus expected paths. The interval is that of the corrected "
    "distance, a percentile bootstrap over images (2,000 resamples, each group by itself, within each training). "
    "Clean: the distance from normal inputs of the clean images that the adversarial inputs were made from, which no "
    "attack caused. Spread: the standard deviation over normal inputs, mean over layers."
)


@dataclass(frozen=True)
class Case:
    """One distance of a table: its keys, and the two groups of every training."""

    keys: dict[str, str]
    pairs: list[Pair]

    @property
    def path(self) -> str:
        """iip or oip."""
        return PATHS[self.keys["path"]]


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per distance that Tables III, V and IX print."""
    cases = [*against_normal(inputs, "3"), *between_targets(inputs), *against_normal(inputs, "9")]
    rows = [Row(case.keys, cells(inputs, case)) for case in cases]
    return paper_table(inputs, "Distances of information paths beside their controls", KEYS, COLUMNS, rows, [NOTE])


def against_normal(inputs: Inputs, table_number: str) -> Iterator[Case]:
    """Table III: both paths of each attack's successes; Table IX: the OIP, by target."""
    subset, paths = ("success", PATHS) if table_number == "3" else ("common", ["output"])
    roles = group_by_role(inputs, "attack", "model", "target", "subset", name="aggregated_paths")
    for (attack, model, target, of), groups in roles.items():
        if of == subset and bool(target) == (table_number == "9"):
            pairs = normal_pairs(inputs, groups)
            keys = {"table": table_number, "attack": attack, "model": model, "target": target or model}
            yield from (Case({**keys, "path": path}, pairs) for path in paths)


def between_targets(inputs: Inputs) -> Iterator[Case]:
    """Table V: the inputs made for the model itself, and those made for the other one."""
    for attack, model in group_by_role(inputs, "attack", "model", name="aggregated_paths"):
        groups = [item for item in inputs.all(name="aggregated_paths", attack=attack, model=model, subset="success")
                  if item.role["target"]]  # fmt: skip
        own = {item.role["seed"]: item for item in groups if item.role["target"] == model}
        other = {item.role["seed"]: item for item in groups if item.role["target"] != model}
        if own:
            keys = {"table": "5", "attack": attack, "model": model, "target": "both"}
            pairs = [(own[seed], other[seed]) for seed in own]
            yield from (Case({**keys, "path": path}, pairs) for path in PATHS)


def cells(inputs: Inputs, case: Case) -> dict[str, Cell]:
    """The distances of one case, pooled over the trainings in which both groups have at least two inputs."""
    pairs = [pair for pair in case.pairs if min(map(input_count, pair)) >= MIN_INPUTS]
    samples = sum(input_count(attacked) for _, attacked in pairs)
    distances = {each: [distance(pair, case.path, each) for pair in pairs] for each in (PLUG_IN, EXPECTED, CORRECTED)}
    row = {name: pool(values, samples) for name, values in distances.items()}
    intervals = [bootstrap_distance(*paths_of(pair, case.path, CORRECTED)) for pair in pairs]
    row["lower"] = bound_cell([interval.lower for interval in intervals], samples)
    row["upper"] = bound_cell([interval.upper for interval in intervals], samples)
    for name, estimate in (("clean", PLUG_IN), ("clean_corrected", CORRECTED)):
        compared = [pair for pair in pairs if pair[0].role["attack"] == NORMAL]
        row[name] = pool([clean_distance(inputs, pair, case.path, estimate) for pair in compared], samples)
    for estimate in (PLUG_IN, CORRECTED):
        spreads = [spread(inputs, attacked, case.path, estimate) for _, attacked in pairs]
        ratios = [each / of if of > 0 else None for each, of in zip(distances[estimate], spreads, strict=True)]
        row[f"{estimate}_spreads"] = pool(ratios, samples)
    return row


def paths_of(pair: Pair, path: str, estimate: str) -> list[np.ndarray]:
    """The paths (N, K) of the inputs of both groups."""
    return [stored_path(group, path, "inputs", estimate) for group in pair]


def distance(pair: Pair, path: str, estimate: str) -> float:
    """The distance between the groups' plain mean paths, in nats."""
    return float(path_distance(*(paths.mean(axis=0) for paths in paths_of(pair, path, estimate))))


def clean_distance(inputs: Inputs, pair: Pair, path: str, estimate: str) -> float:
    """The distance from normal inputs of the clean images of the second group, in nats."""
    normal = stored_path(pair[0], path, "inputs", estimate)
    return float(path_distance(normal.mean(axis=0), clean_paths(inputs, pair[1], path, estimate).mean(axis=0)))


def spread(inputs: Inputs, group: RoleArtifact, path: str, estimate: str) -> float:
    """The spread of normal inputs in the group's model and training, in nats."""
    return normal_spread(inputs, group.role["model"], group.role["seed"], path, estimate)
