"""What the paper's claims about recognition and reconstruction rest on: effects that are positive for the claim.

Every test image is one input of a bootstrap: what its versions by all victims and configurations contribute stays
together. Shares are in percentage points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.profile_statistics import (  # noqa: F401 - claims name them
    deeper,
    even_over_layers,
    magnitudes_differ,
    profiles_differ,
    same_order_across_datasets,
    same_order_across_victims,
)
from workflow_scripts.papers.attack_signatures.rows import CLEAN, attack_classes, papers_of
from workflow_scripts.papers.evidence import Evidence, bootstrap, missing

TINY = 1e-9
PAPERS_NAMES = {"cifar10": "CIFAR-10", "tiny_imagenet": "Tiny ImageNet"}


def found(inputs: Inputs, paper: str, recogniser: str) -> list[RoleArtifact]:
    """The recogniser's results on the data set that stands for the paper's, one a training seed; the study's way."""
    datasets = [name for name, given in papers_of(inputs).items() if given == paper]
    return [item for name in datasets for item in inputs.all(dataset=name, recogniser=recogniser)]


def nothing(paper: str) -> Evidence:
    return missing(f"no data set stands for {PAPERS_NAMES[paper]}")


def by_image(item: RoleArtifact, measure: Callable[[dict, NDArray], NDArray], classes: Sequence[str] = ()) -> NDArray:
    """A number per test image, in percentage points, whose mean over images is `measure`'s mean over all its versions.

    measure(columns of predictions.npz, class numbers) → number per row, NaN where the row does not count. `classes`:
    only their rows count, all where none is named.
    """
    metrics = item.artifact.metrics
    with np.load(item.artifact.file("predictions.npz")) as content:
        columns = dict(content)
    attack = np.array([metrics["classes"].index(group["class"]) for group in metrics["groups"]])[columns["group"]]
    values = np.asarray(measure(columns, attack), dtype=float)
    counted = ~np.isnan(values)
    if classes:
        counted &= np.isin(attack, [metrics["classes"].index(name) for name in classes])
    images, place = np.unique(columns["index"][counted], return_inverse=True)
    sums = np.bincount(place, values[counted], len(images))
    return 100 * sums * len(images) / max(1, counted.sum())


def right(columns: dict, attack: NDArray) -> NDArray:
    """Whether each image's class is recognised; NaN where the image does not count."""
    return np.where(columns["recognised"] < 0, np.nan, columns["recognised"] == attack)


def restored(columns: dict, _attack: NDArray) -> NDArray:
    """+1 where reconstruction makes the victim right, −1 where it makes it wrong."""
    return columns["right_after"] - columns["right_before"]


def recognised_better(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """The share that recogniser `better` recognises minus that of `worse`, on the same images."""
    pairs = list(zip(found(inputs, paper, better), found(inputs, paper, worse), strict=True))
    if not pairs:
        return nothing(paper)
    return bootstrap([[by_image(a, right), by_image(b, right)] for a, b in pairs], _difference, paired=True)


def relative_improvement(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """The share that recogniser `better` recognises over that of `worse`, on the same images, minus 1; percent."""
    pairs = list(zip(found(inputs, paper, better), found(inputs, paper, worse), strict=True))
    if not pairs:
        return nothing(paper)
    groups = [[by_image(a, right), by_image(b, right)] for a, b in pairs]
    return bootstrap(groups, lambda a, b: 100 * float(a.mean() / max(b.mean(), TINY) - 1), paired=True)


def gap_closed(inputs: Inputs, paper: str) -> Evidence:
    """How much nearer REDRL's share is to that with true perturbations than to that with images alone."""
    trios = list(zip(*(found(inputs, paper, name) for name in ("redrl", "image", "perturbation")), strict=True))
    if not trios:
        return nothing(paper)
    groups = [[by_image(item, right) for item in trio] for trio in trios]
    return bootstrap(groups, lambda a, b, c: (a - b).mean() - abs((c - a).mean()), paired=True)


def classes_recognised_better(
    inputs: Inputs, paper: str, recogniser: str, better: Sequence[str], worse: Sequence[str]
) -> Evidence:
    """The share of the classes `better` that is recognised minus that of the classes `worse`."""
    items = found(inputs, paper, recogniser)
    if not items:
        return nothing(paper)
    known = [CLEAN, *attack_classes(inputs)]
    if unknown := [name for name in (*better, *worse) if name not in known]:
        return missing(f"there is no class {', '.join(unknown)}")
    groups = [[by_image(item, right, better), by_image(item, right, worse)] for item in items]
    return bootstrap(groups, _difference)


def datasets_differ(inputs: Inputs, recogniser: str, better: str, worse: str) -> Evidence:
    """The share recognised on the paper's data set `better` minus that on `worse`."""
    pairs = list(zip(found(inputs, better, recogniser), found(inputs, worse, recogniser), strict=False))
    if not pairs:
        return missing("one of the two data sets is not measured")
    return bootstrap([[by_image(a, right), by_image(b, right)] for a, b in pairs], _difference)


def reconstruction_restores(inputs: Inputs, paper: str) -> Evidence:
    """Accuracy of the victims on attacked images after G minus before."""
    items = found(inputs, paper, "redrl")
    attacks = list(attack_classes(inputs))
    if not items:
        return nothing(paper)
    return bootstrap([[by_image(item, restored, attacks)] for item in items], np.mean)


def reconstruction_keeps(inputs: Inputs, paper: str, margin: float) -> Evidence:
    """Accuracy on clean images after G minus before, plus the `margin` (percentage points) that counts as kept."""
    items = found(inputs, paper, "redrl")
    if not items:
        return nothing(paper)
    return bootstrap([[by_image(item, restored, [CLEAN])] for item in items], lambda v: v.mean() + margin)


def reconstructed_better(inputs: Inputs, paper: str, better: str, worse: str) -> Evidence:
    """Accuracy on reconstructed attacked images with recogniser `better`'s G minus with that of `worse`."""
    pairs = list(zip(found(inputs, paper, better), found(inputs, paper, worse), strict=True))
    attacks = list(attack_classes(inputs))
    if not pairs:
        return nothing(paper)

    def after(columns: dict, _attack: NDArray) -> NDArray:
        return columns["right_after"].astype(float)

    groups = [[by_image(item, after, attacks) for item in pair] for pair in pairs]
    return bootstrap(groups, _difference, paired=True)


def _difference(larger: NDArray, smaller: NDArray) -> float:
    return larger.mean() - smaller.mean()
