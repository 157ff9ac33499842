"""Controls of Tables III, V and IX: distances as plug-in, by chance and corrected, and those of the clean images."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

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
    measured_paths,
    stored_path,
)
from workflow_scripts.papers.information_flow.paired_shifts import clean_paths, normal_spread
from workflow_scripts.papers.information_flow.path_distance_columns import Pair, bound_cell, normal_pairs
from workflow_scripts.papers.information_flow.roles import group_by_role, one_input
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import MISSING, Cell, Column, Key, Row, Table, pool

ESTIMATES = (PLUG_IN, EXPECTED, CORRECTED)
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
    "attack caused. Attack none: clean test images that the model classifies rightly, and wrongly. Spread: the "
    "standard deviation over normal inputs, mean over layers."
)


@dataclass(frozen=True)
class TwoGroups:
    """Two groups of inputs of one training: estimate → the paths (N, K) and (M, K) of their inputs, in nats.

    clean: likewise the paths of the clean images that the second group's inputs were made from, None where no attack
    made them, or where the first group is not that of normal inputs. spreads: estimate → the spread of normal inputs.
    """

    first: dict[str, np.ndarray]
    second: dict[str, np.ndarray]
    clean: dict[str, np.ndarray] | None
    spreads: dict[str, float]

    @property
    def smaller(self) -> int:
        """The number of inputs of the smaller group."""
        return min(len(self.first[PLUG_IN]), len(self.second[PLUG_IN]))

    def distance(self, estimate: str) -> float:
        """The distance between the groups' plain mean paths, in nats."""
        return _distance(self.first[estimate], self.second[estimate])

    def clean_distance(self, estimate: str) -> float | None:
        """The distance of the clean images' mean path from the first group's, in nats."""
        return None if self.clean is None else _distance(self.first[estimate], self.clean[estimate])


def _distance(paths: np.ndarray, others: np.ndarray) -> float:
    return float(path_distance(paths.mean(axis=0), others.mean(axis=0)))


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per distance that Tables III, V and IX print, and two of clean test images."""
    cases = chain(
        against_normal(inputs, "3"), clean_images(inputs), between_targets(inputs), against_normal(inputs, "9")
    )
    rows = [Row(keys, cells(groups)) for keys, groups in cases]
    return paper_table(inputs, "Distances of information paths beside their controls", KEYS, COLUMNS, rows, [NOTE])


def against_normal(inputs: Inputs, table_number: str) -> Iterator[tuple[dict[str, str], list[TwoGroups]]]:
    """Table III: both paths of each attack's successes; Table IX: the OIP, by target."""
    subset, paths = ("success", PATHS) if table_number == "3" else ("common", {"output": "oip"})
    roles = group_by_role(inputs, "attack", "model", "target", "subset", name="aggregated_paths")
    for (attack, model, target, of), groups in roles.items():
        if of == subset and bool(target) == (table_number == "9"):
            keys = {"table": table_number, "attack": attack, "model": model, "target": target or model}
            for word, path in paths.items():
                pairs = normal_pairs(inputs, groups)
                yield {**keys, "path": word}, [two_groups(inputs, pair, path) for pair in pairs]


def between_targets(inputs: Inputs) -> Iterator[tuple[dict[str, str], list[TwoGroups]]]:
    """Table V: the inputs made for the model itself, and those made for the other one."""
    for attack, model in group_by_role(inputs, "attack", "model", name="aggregated_paths"):
        groups = inputs.all(name="aggregated_paths", attack=attack, model=model, subset="success")
        own = {item.role["seed"]: item for item in groups if item.role["target"] == model}
        other = {item.role["seed"]: item for item in groups if item.role["target"] not in ("", model)}
        if own:
            keys = {"table": "5", "attack": attack, "model": model, "target": "both"}
            for word, path in PATHS.items():
                yield {**keys, "path": word}, [two_groups(inputs, (own[seed], other[seed]), path) for seed in own]


def clean_images(inputs: Inputs) -> Iterator[tuple[dict[str, str], list[TwoGroups]]]:
    """Clean test images against normal inputs, in the original model: those that it classifies rightly, and wrongly."""
    model = inputs.parameters["original"]
    for outcome in ("right", "wrong"):
        for word, path in PATHS.items():
            groups = []
            for item in inputs.all(name="clean_paths", model=model):
                normal = one_input(inputs, attack=NORMAL, model=model, seed=item.role["seed"])
                second = {}
                for estimate in ESTIMATES:
                    columns = measured_paths(item, estimate)
                    second[estimate] = columns[path][(columns["predicted"] == columns["label"]) == (outcome == "right")]
                groups.append(TwoGroups(paths_of(normal, path), second, None, spreads_of(inputs, item, path)))
            keys = {"table": "3", "attack": f"none, {outcome} predictions", "model": model, "target": MISSING}
            yield {**keys, "path": word}, groups


def two_groups(inputs: Inputs, pair: Pair, path: str) -> TwoGroups:
    """Two aggregated groups; the second one's clean images are compared where the first are normal inputs."""
    first, second = pair
    clean = None
    if first.role["attack"] == NORMAL:
        clean = {estimate: clean_paths(inputs, second, path, estimate) for estimate in ESTIMATES}
    return TwoGroups(paths_of(first, path), paths_of(second, path), clean, spreads_of(inputs, second, path))


def paths_of(item: RoleArtifact, path: str) -> dict[str, np.ndarray]:
    """Estimate → the paths (N, K) of a group's inputs."""
    return {estimate: stored_path(item, path, "inputs", estimate) for estimate in ESTIMATES}


def spreads_of(inputs: Inputs, item: RoleArtifact, path: str) -> dict[str, float]:
    """Estimate → the spread of normal inputs in the item's model and training, in nats."""
    model, seed = item.role["model"], item.role["seed"]
    return {estimate: normal_spread(inputs, model, seed, path, estimate) for estimate in ESTIMATES}


def cells(groups: list[TwoGroups]) -> dict[str, Cell]:
    """The distances of one row, pooled over the trainings in which both groups have at least two inputs."""
    groups = [each for each in groups if each.smaller >= MIN_INPUTS]
    samples = sum(len(each.second[PLUG_IN]) for each in groups)
    row = {estimate: pool([each.distance(estimate) for each in groups], samples) for estimate in ESTIMATES}
    intervals = [bootstrap_distance(each.first[CORRECTED], each.second[CORRECTED]) for each in groups]
    row["lower"] = bound_cell([interval.lower for interval in intervals], samples)
    row["upper"] = bound_cell([interval.upper for interval in intervals], samples)
    for name, estimate in (("clean", PLUG_IN), ("clean_corrected", CORRECTED)):
        row[name] = pool([each.clean_distance(estimate) for each in groups], samples)
    for estimate in (PLUG_IN, CORRECTED):
        known = [(each.distance(estimate), each.spreads[estimate]) for each in groups]
        row[f"{estimate}_spreads"] = pool([value / of if of > 0 else None for value, of in known], samples)
    return row
