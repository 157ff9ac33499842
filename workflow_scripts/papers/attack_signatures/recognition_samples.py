"""What the evaluations of recognisers hold, image by image, and the bootstrap of it.

The bootstrap resamples test images, each together with its versions by all victims and configurations. With several
trainings of a recogniser the interval includes what another training would change. Shares are in percentage points.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import image_numbers, paper_datasets
from workflow_scripts.papers.bootstrap import LEVEL, Evidence, bootstrap

Measure = Callable[[dict, NDArray], NDArray]


@dataclass(frozen=True)
class ImageValues:
    """A measure per test image.

    values: (N, 2), the sum of the measure over the image's versions that count, and their number; images: (N,), the
    images' numbers, which no two data sets share.
    """

    values: NDArray
    images: NDArray


def evaluations(inputs: Inputs, paper: str, recogniser: str) -> list[RoleArtifact]:
    """The recogniser's evaluations on the data set that stands for the paper's, one per training seed."""
    datasets = [name for name, in_paper in paper_datasets(inputs).items() if in_paper == paper]
    role = {"name": "recogniser_evaluation", "recogniser": recogniser}
    return [item for name in datasets for item in inputs.all(dataset=name, **role)]


def read_predictions(item: RoleArtifact) -> tuple[dict[str, NDArray], NDArray]:
    """The columns of predictions.npz, and the number of the class of attack of every row."""
    metrics = item.artifact.metrics
    with np.load(item.artifact.file("predictions.npz")) as content:
        columns = dict(content)
    classes = np.array([metrics["classes"].index(group["class"]) for group in metrics["groups"]])
    return columns, classes[columns["group"]]


def victims_of(item: RoleArtifact) -> list[int]:
    """The numbers of the victims in an evaluation."""
    return sorted({group["victim"] for group in item.artifact.metrics["groups"]})


def by_image(
    inputs: Inputs, item: RoleArtifact, measure: Measure, classes: Sequence[str] = (), victim: int | None = None
) -> ImageValues:
    """A measure of the versions of every test image; `share` makes a mean of it.

    measure: called with the columns of predictions.npz and the class number of every row; returns a number per row,
    NaN for rows that do not count. classes, victim: whose rows count (default: all).
    """
    metrics = item.artifact.metrics
    columns, attack = read_predictions(item)
    values = np.asarray(measure(columns, attack), dtype=float)
    counted = ~np.isnan(values)
    if classes:
        counted &= np.isin(attack, [metrics["classes"].index(name) for name in classes])
    if victim is not None:
        counted &= np.array([group["victim"] for group in metrics["groups"]])[columns["group"]] == victim
    return group_by_image(values[counted], image_numbers(inputs, item.role["dataset"], columns["index"][counted]))


def group_by_image(values: NDArray, images: NDArray) -> ImageValues:
    """A measure (M,) of versions of images by the image (M,) that each is of."""
    numbers, positions = np.unique(images, return_inverse=True)
    sums = np.bincount(positions, values, len(numbers)), np.bincount(positions, minlength=len(numbers))
    return ImageValues(np.stack(sums, axis=1), numbers)


def share(group: NDArray) -> float:
    """The mean over all versions of images, in percentage points; group: (N, 2) as in `ImageValues`."""
    total, count = group.sum(0)
    return 100 * float(total / count)


def bootstrap_images(
    seeds: Sequence[Sequence[ImageValues]], statistic: Callable[..., float], *, paired: bool = False
) -> Evidence:
    """The mean of a statistic over trainings of the recognisers, and its interval over images and trainings.

    seeds: for each training seed the groups that `statistic` is called with, as arrays (N, 2).
    """
    groups = [[group.values for group in of_seed] for of_seed in seeds]
    images = [[group.images for group in of_seed] for of_seed in seeds]
    evidence = bootstrap(groups, statistic, paired=paired, images=images)
    return over_trainings(evidence, [statistic(*of_seed) for of_seed in groups] if evidence.effect is not None else [])


def over_trainings(evidence: Evidence, effects: Sequence[float]) -> Evidence:
    """Evidence whose interval over images is widened by the spread of the effect between trainings.

    effects: the effect of each training seed, whose mean is the evidence's. Each half of the interval becomes the root
    of the sum of two squares: the half over images, and that of Student's interval over trainings, t · s / √n with
    n − 1 degrees of freedom. With one training the evidence is returned as it is.
    """
    if len(effects) < 2:
        return evidence
    trainings = t.ppf((1 + LEVEL) / 2, len(effects) - 1) * np.std(effects, ddof=1) / np.sqrt(len(effects))
    below, above = evidence.effect - evidence.lower, evidence.upper - evidence.effect
    lower, upper = evidence.effect - np.hypot(below, trainings), evidence.effect + np.hypot(above, trainings)
    return replace(evidence, lower=float(lower), upper=float(upper))


def trainings_note(trainings: int) -> str:
    """A table's note on what its intervals say of other trainings of the recognisers."""
    if trainings == 1:
        return "One training of each recogniser: intervals say what other images would change in this training alone."
    return f"{trainings} trainings of each recogniser: the intervals include what another training would change."
