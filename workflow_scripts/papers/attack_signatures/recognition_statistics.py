"""Statistics of the claims about recognition and reconstruction; an effect is positive where it supports the claim.

A claim about several classes or victims is one about each: its effect is that of the class or victim that supports it
least. Shares are in percentage points.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import CLEAN, all_classes, attack_classes
from workflow_scripts.papers.attack_signatures.recognition_samples import (
    bootstrap_images,
    by_image,
    evaluations,
    share,
    victims_of,
)
from workflow_scripts.papers.bootstrap import Evidence, not_measured

TINY = 1e-9
PAPER_NAMES = {"cifar10": "CIFAR-10", "tiny_imagenet": "Tiny ImageNet"}


def no_dataset(paper: str) -> Evidence:
    """The evidence for a claim about a data set of the paper that the configuration does not have."""
    return not_measured(f"no data set stands for {PAPER_NAMES[paper]}")


def correctly_recognised(columns: dict, attack: NDArray) -> NDArray:
    """Whether the class of each row is recognised; NaN for rows that do not count."""
    return np.where(columns["recognised"] < 0, np.nan, columns["recognised"] == attack)


def change_by_reconstruction(columns: dict, _attack: NDArray) -> NDArray:
    """+1 where reconstruction corrects the victim's prediction, −1 where it makes it wrong."""
    return columns["right_after"] - columns["right_before"]


def right_after_reconstruction(columns: dict, _attack: NDArray) -> NDArray:
    """Whether the victim classifies each row's reconstruction correctly."""
    return columns["right_after"].astype(float)


def recognised_better(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """The share recognised by recogniser `better` minus that by `worse`, on the same images."""
    pairs = list(zip(evaluations(inputs, paper, better), evaluations(inputs, paper, worse), strict=True))
    return recognition_difference(inputs, pairs) if pairs else no_dataset(paper)


def recognition_difference(inputs: Inputs, pairs: Sequence[tuple[RoleArtifact, RoleArtifact]]) -> Evidence:
    """The share recognised in the first minus in the second evaluation, a pair for each training seed."""
    groups = [[by_image(inputs, item, correctly_recognised) for item in pair] for pair in pairs]
    return bootstrap_images(groups, _difference, paired=True)


def relative_improvement(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """The share recognised by recogniser `better` over that by `worse`, on the same images, minus 1; in percent."""
    pairs = list(zip(evaluations(inputs, paper, better), evaluations(inputs, paper, worse), strict=True))
    if not pairs:
        return no_dataset(paper)
    groups = [[by_image(inputs, item, correctly_recognised) for item in pair] for pair in pairs]
    return bootstrap_images(groups, lambda a, b: 100 * (share(a) / max(share(b), TINY) - 1), paired=True)


def gap_closed(inputs: Inputs, paper: str) -> Evidence:
    """How much closer REDRL's share is to that with true perturbations than to that with images alone."""
    trios = list(zip(*(evaluations(inputs, paper, name) for name in ("redrl", "image", "perturbation")), strict=True))
    if not trios:
        return no_dataset(paper)
    groups = [[by_image(inputs, item, correctly_recognised) for item in trio] for trio in trios]
    return bootstrap_images(groups, lambda a, b, c: share(a) - share(b) - abs(share(c) - share(a)), paired=True)


def recalls_by_image(inputs: Inputs, paper: str, recogniser: str, classes: Sequence[str]) -> list[list] | Evidence:
    """For each training seed the values per image of the recall of each class; evidence that says why there is none."""
    items = evaluations(inputs, paper, recogniser)
    if not items:
        return no_dataset(paper)
    if unknown := [name for name in classes if name not in all_classes(inputs)]:
        return not_measured(f"the study has no class {', '.join(unknown)}")
    return [[by_image(inputs, item, correctly_recognised, [name]) for name in classes] for item in items]


def recognised_above_chance(inputs: Inputs, paper: str, recogniser: str, classes: Sequence[str] = ()) -> Evidence:
    """The smallest recall of the classes (default: all) minus that of guessing, 1 / the number of classes."""
    known = all_classes(inputs)
    groups = recalls_by_image(inputs, paper, recogniser, classes or known)
    if isinstance(groups, Evidence):
        return groups
    return bootstrap_images(groups, lambda *recalls: min(map(share, recalls)) - 100 / len(known))


def recognised_below_chance(inputs: Inputs, paper: str, recogniser: str, classes: Sequence[str]) -> Evidence:
    """The recall of guessing, 1 / the number of classes, minus the largest recall of the classes."""
    groups = recalls_by_image(inputs, paper, recogniser, classes)
    if isinstance(groups, Evidence):
        return groups
    chance = 100 / len(all_classes(inputs))
    return bootstrap_images(groups, lambda *recalls: chance - max(map(share, recalls)))


def classes_recognised_better(
    inputs: Inputs, paper: str, recogniser: str, better: Sequence[str], worse: Sequence[str]
) -> Evidence:
    """The smallest recall of the classes `better` minus the largest of the classes `worse`."""
    groups = recalls_by_image(inputs, paper, recogniser, [*better, *worse])
    if isinstance(groups, Evidence):
        return groups
    first = len(better)
    return bootstrap_images(
        groups, lambda *recalls: min(map(share, recalls[:first])) - max(map(share, recalls[first:]))
    )


def datasets_differ(inputs: Inputs, recogniser: str, better: str, worse: str) -> Evidence:
    """The share recognised on the paper's data set `better` minus that on `worse`."""
    pairs = list(zip(evaluations(inputs, better, recogniser), evaluations(inputs, worse, recogniser), strict=False))
    if not pairs:
        return not_measured("one of the two data sets is not measured")
    groups = [[by_image(inputs, item, correctly_recognised) for item in pair] for pair in pairs]
    return bootstrap_images(groups, _difference)


def reconstruction_restores(inputs: Inputs, paper: str) -> Evidence:
    """Accuracy on attacked images after G minus before, of the victim and class of attack with the smallest gain."""
    items = evaluations(inputs, paper, "redrl")
    if not items:
        return no_dataset(paper)
    rows = [(victim, name) for victim in victims_of(items[0]) for name in attack_classes(inputs)]
    groups = [
        [by_image(inputs, item, change_by_reconstruction, [name], victim) for victim, name in rows] for item in items
    ]
    return bootstrap_images(groups, _smallest_share)


def reconstruction_keeps(inputs: Inputs, paper: str, margin: float) -> Evidence:
    """Accuracy on clean images after G minus before, of the victim that loses most, plus a `margin` of kept accuracy.

    margin: the loss, in percentage points, within which the accuracy counts as kept.
    """
    items = evaluations(inputs, paper, "redrl")
    if not items:
        return no_dataset(paper)
    groups = [
        [by_image(inputs, item, change_by_reconstruction, [CLEAN], victim) for victim in victims_of(item)]
        for item in items
    ]
    return bootstrap_images(groups, lambda *changes: _smallest_share(*changes) + margin)


def reconstructed_better(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """Accuracy on attacked images reconstructed by the G of recogniser `better` minus by that of `worse`."""
    pairs = list(zip(evaluations(inputs, paper, better), evaluations(inputs, paper, worse), strict=True))
    attacks = list(attack_classes(inputs))
    if not pairs:
        return no_dataset(paper)
    groups = [[by_image(inputs, item, right_after_reconstruction, attacks) for item in pair] for pair in pairs]
    return bootstrap_images(groups, _difference, paired=True)


def _difference(larger: NDArray, smaller: NDArray) -> float:
    return share(larger) - share(smaller)


def _smallest_share(*groups: NDArray) -> float:
    return min(map(share, groups))
