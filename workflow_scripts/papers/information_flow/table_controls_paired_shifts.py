"""Controls of Table III: the shift of each input's path from that of its own clean image, with its chance level."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.information_flow.aggregated_paths import CORRECTED, EXPECTED, PATHS, PLUG_IN
from workflow_scripts.papers.information_flow.paired_shifts import (
    MeanInterval,
    common_images,
    mean_interval,
    normal_spread,
    on_images,
    stacked_shifts,
)
from workflow_scripts.papers.information_flow.path_distances import InputGroup
from workflow_scripts.papers.information_flow.roles import group_by_role
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

ESTIMATES = (PLUG_IN, EXPECTED, CORRECTED)
KEYS = (Key("model", "Model"), Key("attack", "Attack"), Key("images", "Images"), Key("path", "Path"))
COLUMNS = (
    Column("plug_in", "Plug-in", 4, "nats"),
    Column("plug_in_lower", "95% from", 4, "nats"),
    Column("plug_in_upper", "to", 4, "nats"),
    Column("expected", "By chance", 4, "nats"),
    Column("corrected", "Corrected", 4, "nats"),
    Column("corrected_lower", "95% from", 4, "nats"),
    Column("corrected_upper", "to", 4, "nats"),
    Column("plug_in_spreads", "Plug-in / spread", 2),
    Column("corrected_spreads", "Corrected / spread", 2),
)
NOTE = (
    "Shift: the path of the adversarial input minus that of the clean image that it was made from, mean over layers. "
    "By chance: the part that is expected when the positions of maps are permuted at random; corrected: plug-in minus "
    "that. The intervals are percentile bootstraps over images (2,000 resamples, one draw of images for all "
    "trainings). Spread: the standard deviation over normal inputs, mean over layers. Images: those that the attack "
    "turned (success), those that every attack turned (common), and those that it did not turn (failed)."
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per model, attack, group of images and path; groups of fewer than two inputs have none."""
    rows = []
    for (model,), items in group_by_role(inputs, "model", name="aggregated_paths").items():
        attacks = list(dict.fromkeys(item.role["attack"] for item in items if item.role["subset"] != "all"))
        for attack in attacks:
            for images, groups in groups_of_images(inputs, model, attack).items():
                found = mean_interval(groups)
                if found is not None:
                    rows += [row(inputs, model, attack, images, path, groups, found) for path in PATHS]
    return paper_table(inputs, "Paired shifts of information paths", KEYS, COLUMNS, rows, [NOTE])


def groups_of_images(inputs: Inputs, model: str, attack: str) -> dict[str, list[InputGroup]]:
    """Name of a group of images → the layer-averaged shifts (N, paths, estimates) in it, one per training."""
    groups: dict[str, list[InputGroup]] = {"success": [], "common": [], "failed": []}
    for attacked in inputs.all(name="aggregated_paths", model=model, attack=attack, subset="attacked"):
        seed = attacked.role["seed"]
        turned = inputs.all(name="aggregated_paths", model=model, seed=seed, subset="success")
        shifts = layer_means(inputs, attacked)
        own = common_images([item for item in turned if item.role["attack"] == attack])
        groups["success"].append(on_images(shifts, own))
        groups["common"].append(on_images(shifts, common_images(turned)))
        groups["failed"].append(on_images(shifts, set(shifts.images.tolist()) - own))
    return groups


def layer_means(inputs: Inputs, item: RoleArtifact) -> InputGroup:
    """The paired shifts (N, paths, estimates) of a group, mean over layers, in nats."""
    shifts = stacked_shifts(inputs, item, ESTIMATES)
    return InputGroup(shifts.values.mean(axis=-1), shifts.images)


def row(
    inputs: Inputs, model: str, attack: str, images: str, path: str, groups: list[InputGroup], found: MeanInterval
) -> Row:
    """One row; means are pooled over the trainings whose group has at least two inputs."""
    place, file_name = list(PATHS).index(path), PATHS[path]
    seeds = [item.role["seed"] for item in inputs.all(name="aggregated_paths", model=model, attack=attack)
             if item.role["subset"] == "attacked"]  # fmt: skip
    measured = [
        (seed, group.values[:, place]) for seed, group in zip(seeds, groups, strict=True) if len(group.values) > 1
    ]
    cells = {}
    for index, estimate in enumerate(ESTIMATES):
        means = [float(values[:, index].mean()) for _, values in measured]
        cells[estimate] = pool(means, found.samples)
        if estimate != EXPECTED:
            for end in ("lower", "upper"):
                bound = float(getattr(found, end)[place, index])
                cells[f"{estimate}_{end}"] = Cell(bound, None, found.trainings, found.samples)
            spreads = [normal_spread(inputs, model, seed, file_name, estimate) for seed, _ in measured]
            ratios = np.divide(means, spreads, out=np.full(len(means), np.nan), where=np.array(spreads) > 0)
            cells[f"{estimate}_spreads"] = pool(ratios, found.samples)
    return Row({"model": model, "attack": attack, "images": images, "path": path}, cells)
