"""Statistics of the claims about recognition and reconstruction; an effect is positive where it supports the claim.

The bootstrap resamples test images, each together with its versions by all victims and configurations. Shares are in
percentage points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import CLEAN, attack_classes, paper_datasets
from workflow_scripts.papers.bootstrap import Evidence, bootstrap, not_measured

TINY = 1e-9
PAPER_NAMES = {"cifar10": "CIFAR-10", "tiny_imagenet": "Tiny ImageNet"}


def evaluations(inputs: Inputs, paper: str, recogniser: str) -> list[RoleArtifact]:
    """The recogniser's evaluations on the data set that stands for the paper's, one per training seed."""
    datasets = [name for name, in_paper in paper_datasets(inputs).items() if in_paper == paper]
    role = {"name": "recogniser_evaluation", "recogniser": recogniser}
    return [item for name in datasets for item in inputs.all(dataset=name, **role)]


def no_dataset(paper: str) -> Evidence:
    """The evidence for a claim about a data set of the paper that the configuration does not have."""
    return not_measured(f"no data set stands for {PAPER_NAMES[paper]}")


def by_image(item: RoleArtifact, measure: Callable[[dict, NDArray], NDArray], classes: Sequence[str] = ()) -> NDArray:
    """A value per test image, in percentage points; their mean is the mean of `measure` over all versions of images.

    measure: called with the columns of predictions.npz and the class number of every row; returns a number per row,
    NaN for rows that do not count. classes: the classes whose rows count (default: all).
    """
    metrics = item.artifact.metrics
    with np.load(item.artifact.file("predictions.npz")) as content:
        columns = dict(content)
    attack = np.array([metrics["classes"].index(group["class"]) for group in metrics["groups"]])[columns["group"]]
    values = np.asarray(measure(columns, attack), dtype=float)
    counted = ~np.isnan(values)
    if classes:
        counted &= np.isin(attack, [metrics["classes"].index(name) for name in classes])
    images, positions = np.unique(columns["index"][counted], return_inverse=True)
    sums = np.bincount(positions, values[counted], len(images))
    return 100 * sums * len(images) / max(1, counted.sum())


def correctly_recognised(columns: dict, attack: NDArray) -> NDArray:
    """Whether the class of each row is recognised; NaN for rows that do not count."""
    return np.where(columns["recognised"] < 0, np.nan, columns["recognised"] == attack)


def change_by_reconstruction(columns: dict, _attack: NDArray) -> NDArray:
    """+1 where reconstruction corrects the victim's prediction, −1 where it makes it wrong."""
    return columns["right_after"] - columns["right_before"]


def recognised_better(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """The share recognised by recogniser `better` minus that by `worse`, on the same images."""
    pairs = list(zip(evaluations(inputs, paper, better), evaluations(inputs, paper, worse), strict=True))
    if not pairs:
        return no_dataset(paper)
    return bootstrap(
        [[by_image(a, correctly_recognised), by_image(b, correctly_recognised)] for a, b in pairs],
        _difference,
        paired=True,
    )


def relative_improvement(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """The share recognised by recogniser `better` over that by `worse`, on the same images, minus 1; in percent."""
    pairs = list(zip(evaluations(inputs, paper, better), evaluations(inputs, paper, worse), strict=True))
    if not pairs:
        return no_dataset(paper)
    groups = [[by_image(a, correctly_recognised), by_image(b, correctly_recognised)] for a, b in pairs]
    return bootstrap(groups, lambda a, b: 100 * float(a.mean() / max(b.mean(), TINY) - 1), paired=True)


def gap_closed(inputs: Inputs, paper: str) -> Evidence:
    """How much closer REDRL's share is to that with true perturbations than to that with images alone."""
    trios = list(zip(*(evaluations(inputs, paper, name) for name in ("redrl", "image", "perturbation")), strict=True))
    if not trios:
        return no_dataset(paper)
    groups = [[by_image(item, correctly_recognised) for item in trio] for trio in trios]
    return bootstrap(groups, lambda a, b, c: (a - b).mean() - abs((c - a).mean()), paired=True)


def classes_recognised_better(
    inputs: Inputs, paper: str, recogniser: str, better: Sequence[str], worse: Sequence[str]
) -> Evidence:
    """The share recognised of the classes `better` minus that of the classes `worse`."""
    items = evaluations(inputs, paper, recogniser)
    if not items:
        return no_dataset(paper)
    known = [CLEAN, *attack_classes(inputs)]
    if unknown := [name for name in (*better, *worse) if name not in known]:
        return not_measured(f"the study has no class {', '.join(unknown)}")
    groups = [
        [by_image(item, correctly_recognised, better), by_image(item, correctly_recognised, worse)] for item in items
    ]
    return bootstrap(groups, _difference)


def datasets_differ(inputs: Inputs, recogniser: str, better: str, worse: str) -> Evidence:
    """The share recognised on the paper's data set `better` minus that on `worse`."""
    pairs = list(zip(evaluations(inputs, better, recogniser), evaluations(inputs, worse, recogniser), strict=False))
    if not pairs:
        return not_measured("one of the two data sets is not measured")
    return bootstrap(
        [[by_image(a, correctly_recognised), by_image(b, correctly_recognised)] for a, b in pairs], _difference
    )


def reconstruction_restores(inputs: Inputs, paper: str) -> Evidence:
    """Accuracy of the victims on attacked images after G minus before."""
    items = evaluations(inputs, paper, "redrl")
    attacks = list(attack_classes(inputs))
    if not items:
        return no_dataset(paper)
    return bootstrap([[by_image(item, change_by_reconstruction, attacks)] for item in items], np.mean)


def reconstruction_keeps(inputs: Inputs, paper: str, margin: float) -> Evidence:
    """Accuracy on clean images after G minus before, plus a `margin` (percentage points) within which it is kept."""
    items = evaluations(inputs, paper, "redrl")
    if not items:
        return no_dataset(paper)
    return bootstrap(
        [[by_image(item, change_by_reconstruction, [CLEAN])] for item in items], lambda v: v.mean() + margin
    )


def reconstructed_better(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """Accuracy on attacked images reconstructed by the G of recogniser `better` minus by that of `worse`."""
    pairs = list(zip(evaluations(inputs, paper, better), evaluations(inputs, paper, worse), strict=True))
    attacks = list(attack_classes(inputs))
    if not pairs:
        return no_dataset(paper)

    def after(columns: dict, _attack: NDArray) -> NDArray:
        return columns["right_after"].astype(float)

    groups = [[by_image(item, after, attacks) for item in pair] for pair in pairs]
    return bootstrap(groups, _difference, paired=True)


def _difference(larger: NDArray, smaller: NDArray) -> float:
    return larger.mean() - smaller.mean()
