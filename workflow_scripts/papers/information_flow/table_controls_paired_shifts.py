"""Controls of Table III: the shift of each input's path from that of its own clean image, with its chance level."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.bootstrap import MIN_INPUTS
from workflow_scripts.papers.information_flow.aggregated_paths import CORRECTED, EXPECTED, NORMAL, PATHS, PLUG_IN
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
ATTACK = "attack"
KEYS = (
    Key("model", "Model"),
    Key("attack", "Attack"),
    Key("perturbation", "Perturbation"),
    Key("images", "Images"),
    Key("path", "Path"),
)
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
    "that. Perturbation: the attack's own, or a control of the same size on the same images. Images: those that the "
    "attack turned (success), those that every attack turned (common), and those that it did not turn (failed). The "
    "intervals are percentile bootstraps over images (2,000 resamples, one draw of images for all trainings). Spread: "
    "the standard deviation over normal inputs, mean over layers."
)


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """One row per model, attack, perturbation, group of images and path; groups of fewer than two inputs have none."""
    rows = []
    for model, attack in group_by_role(inputs, "model", "attack", name="aggregated_paths"):
        if attack == NORMAL:
            continue
        kinds = dict.fromkeys(item.role["control"] for item in inputs.artifacts if "control" in item.role)
        for kind in (ATTACK, *kinds):
            for images, groups in groups_of_images(inputs, model, attack, kind).items():
                found = mean_interval(list(groups.values()))
                if found is not None:
                    keys = {"model": model, "attack": attack, "perturbation": kind, "images": images}
                    rows += [row(inputs, {**keys, "path": path}, groups, found) for path in PATHS]
    return paper_table(inputs, "Paired shifts of information paths", KEYS, COLUMNS, rows, [NOTE])


def groups_of_images(inputs: Inputs, model: str, attack: str, kind: str) -> dict[str, dict[int, InputGroup]]:
    """Name of a group of images → training seed → the layer-averaged shifts (N, paths, estimates) in it.

    kind: `attack`, or the control perturbation whose shifts are wanted; the groups are those of the attack either way.
    """
    groups: dict[str, dict[int, InputGroup]] = {"success": {}, "common": {}, "failed": {}}
    wanted = {} if kind == ATTACK else {"control": kind}
    for item in inputs.all(name="aggregated_paths", model=model, attack=attack, subset="attacked", **wanted):
        seed = item.role["seed"]
        turned = inputs.all(name="aggregated_paths", model=model, seed=seed, subset="success")
        own = common_images([each for each in turned if each.role["attack"] == attack])
        shifts = layer_means(inputs, item)
        groups["success"][seed] = on_images(shifts, own)
        groups["common"][seed] = on_images(shifts, common_images(turned))
        groups["failed"][seed] = on_images(shifts, set(shifts.images.tolist()) - own)
    return groups


def layer_means(inputs: Inputs, item: RoleArtifact) -> InputGroup:
    """The paired shifts (N, paths, estimates) of a group, mean over layers, in nats."""
    shifts = stacked_shifts(inputs, item, ESTIMATES)
    return InputGroup(shifts.values.mean(axis=-1), shifts.images)


def row(inputs: Inputs, keys: dict[str, str], groups: dict[int, InputGroup], found: MeanInterval) -> Row:
    """One row; means are pooled over the trainings whose group has at least two inputs."""
    place, file_name = list(PATHS).index(keys["path"]), PATHS[keys["path"]]
    measured = {seed: group.values[:, place] for seed, group in groups.items() if len(group.values) >= MIN_INPUTS}
    cells = {}
    for index, estimate in enumerate(ESTIMATES):
        means = [float(values[:, index].mean()) for values in measured.values()]
        cells[estimate] = pool(means, found.samples)
        if estimate != EXPECTED:
            for end in ("lower", "upper"):
                bound = float(getattr(found, end)[place, index])
                cells[f"{estimate}_{end}"] = Cell(bound, None, found.trainings, found.samples)
            spreads = [normal_spread(inputs, keys["model"], seed, file_name, estimate) for seed in measured]
            ratios = [mean / spread if spread > 0 else None for mean, spread in zip(means, spreads, strict=True)]
            cells[f"{estimate}_spreads"] = pool(ratios, found.samples)
    return Row(keys, cells)
