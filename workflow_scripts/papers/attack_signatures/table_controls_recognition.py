"""What the recognisers call clean images that a victim misclassifies: does an attack show, or mere error?

A recogniser that tells attacks by what they do to the victim would call misclassified clean images attacks.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.saliency.matching import LOSS_RATIO, MIN_PAIRS, match_losses
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import (
    CLEAN,
    RECOGNISERS,
    all_classes,
    image_numbers,
    only_dataset,
)
from workflow_scripts.papers.attack_signatures.recognition_samples import (
    ImageValues,
    bootstrap_images,
    group_by_image,
    read_predictions,
    share,
    trainings_note,
    victims_of,
)
from workflow_scripts.papers.attack_signatures.saliency_samples import pairs_text
from workflow_scripts.papers.bootstrap import MIN_INPUTS, Evidence, not_measured
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.names import display_name
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

SHOWN = ("image", "perturbation", "redrl")
RIGHT, WRONG, ATTACKED = "clean, classified correctly", "clean, misclassified", "attacked, misclassified, same loss"
KEYS = (
    Key("recogniser", "Recogniser sees"),
    Key("images", "Images"),
    Key("pairs", "Images or pairs"),
    Key("minus", "Difference to"),
)
NOTES = (
    "An image counts once for every victim that classifies it in this way. Called an attack: all that are not called "
    "clean. Differences are of the share called an attack, in percentage points; bootstraps are over images.",
    "Same loss: each misclassified clean image beside an attacked one that the same victim misclassifies, whose losses "
    f"differ by a factor of up to {LOSS_RATIO}; fewer than {MIN_PAIRS} pairs are too few.",
)


@dataclass(frozen=True)
class Calls:
    """What a recogniser calls images, (N,) each: the class's number, and the image's position in the split."""

    called: NDArray
    index: NDArray


@dataclass(frozen=True)
class Groups:
    """The images of one evaluation: clean ones by the victims' predictions, and attacked ones at the same loss.

    matched: the misclassified clean images (M,) that have an attacked partner, in the order of `attacked` (M,).
    """

    right: Calls
    wrong: Calls
    matched: Calls
    attacked: Calls


def table(inputs: Inputs, published: PublishedTable) -> Table:
    """Three rows per recogniser; the paper has no such table."""
    rows, trainings = [], 1
    for recogniser in SHOWN:
        items = inputs.all(name="recogniser_evaluation", recogniser=recogniser)
        trainings = len(items)
        groups = [groups_of(item) for item in items]
        rows += [
            _row(inputs, recogniser, RIGHT, [each.right for each in groups], "–", None),
            _row(inputs, recogniser, WRONG, [each.wrong for each in groups], RIGHT, wrong_minus_right(inputs, groups)),
            _row(inputs, recogniser, ATTACKED, [each.attacked for each in groups], WRONG, at_same_loss(inputs, groups)),
        ]
    columns = [
        *(Column(name, f"Called {display_name(name)}", 1, "%") for name in all_classes(inputs)),
        Column("effect", "Difference", 1),
        Column("lower", "95% from", 1),
        Column("upper", "to", 1),
    ]
    title = "What recognisers call misclassified clean images"
    return paper_table(inputs, title, KEYS, columns, rows, [*NOTES, trainings_note(trainings)])


def groups_of(item: RoleArtifact) -> Groups:
    """The groups of images of all victims together."""
    columns, attack = read_predictions(item)
    victim = np.array([group["victim"] for group in item.artifact.metrics["groups"]])[columns["group"]]
    clean = attack == item.artifact.metrics["classes"].index(CLEAN)
    once = clean & (columns["recognised"] >= 0)  # a clean image is the same for every victim
    called = dict(zip(columns["index"][once].tolist(), columns["recognised"][once].tolist(), strict=True))
    rows = {name: [] for name in ("right", "wrong", "matched", "attacked")}
    for number in victims_of(item):
        own = victim == number
        wrong = np.flatnonzero(own & clean & (columns["right_before"] == 0))
        turned = np.flatnonzero(own & ~clean & (columns["recognised"] >= 0) & (columns["right_before"] == 0))
        a, b = match_losses(columns["loss"][wrong], columns["loss"][turned])
        found = (np.flatnonzero(own & clean & (columns["right_before"] == 1)), wrong, wrong[a], turned[b])
        for name, chosen in zip(rows, found, strict=True):
            rows[name].append(chosen)
    joined = {name: np.concatenate(parts) for name, parts in rows.items()}

    def calls(name: str) -> Calls:
        index = columns["index"][joined[name]]
        if name == "attacked":
            return Calls(columns["recognised"][joined[name]], index)
        return Calls(np.array([called[k] for k in index.tolist()], int), index)

    return Groups(*map(calls, rows))


def called_attack(inputs: Inputs, calls: Calls) -> ImageValues:
    """By image, how often it is called an attack."""
    numbers = image_numbers(inputs, only_dataset(inputs), calls.index)
    return group_by_image((calls.called != all_classes(inputs).index(CLEAN)).astype(float), numbers)


def wrong_minus_right(inputs: Inputs, groups: list[Groups]) -> Evidence:
    """The share of misclassified clean images that is called an attack, minus that of correctly classified ones."""
    seeds = [[called_attack(inputs, each.wrong), called_attack(inputs, each.right)] for each in groups]
    return bootstrap_images(seeds, lambda a, b: share(a) - share(b))


def at_same_loss(inputs: Inputs, groups: list[Groups]) -> Evidence:
    """The share of attacked images that is called an attack, minus that of the clean images of the same loss."""
    if min(len(each.matched.index) for each in groups) < MIN_PAIRS:
        return not_measured("too few pairs")
    seeds = []
    for each in groups:
        clean = all_classes(inputs).index(CLEAN)
        difference = (each.attacked.called != clean).astype(float) - (each.matched.called != clean)
        numbers = image_numbers(inputs, only_dataset(inputs), each.matched.index)
        seeds.append([group_by_image(difference, numbers)])
    return bootstrap_images(seeds, share)


def _row(inputs: Inputs, recogniser: str, images: str, calls: list[Calls], minus: str, found: Evidence | None) -> Row:
    count = len(calls[0].index)
    least = MIN_PAIRS if images == ATTACKED else MIN_INPUTS
    cells = {
        name: pool([100 * float((each.called == k).mean()) if len(each.called) else None for each in calls], count)
        for k, name in enumerate(all_classes(inputs))
    }
    for key in ("effect", "lower", "upper"):
        value = None if found is None else getattr(found, key)
        cells[key] = Cell(value, None, 0 if value is None else found.seeds, count)
    keys = {"recogniser": RECOGNISERS[recogniser], "images": images, "pairs": pairs_text(count, least), "minus": minus}
    return Row(keys, cells)
