"""Paired shifts: the information path of each adversarial input minus that of the clean image that it was made from.

What differs between images does not enter a paired shift, nor does it matter that normal inputs are training images.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.bootstrap import LEVEL, MIN_INPUTS, RESAMPLES, image_keys
from workflow_scripts.papers.information_flow.aggregated_paths import (
    NORMAL,
    PATHS,
    image_numbers,
    measured_paths,
    stored_path,
)
from workflow_scripts.papers.information_flow.path_distances import InputGroup
from workflow_scripts.papers.information_flow.roles import one_input


@dataclass(frozen=True)
class MeanInterval:
    """A mean over trainings of means over inputs, with its 95% interval; all (…) like one input's value.

    samples: inputs of all trainings together; trainings: how many have enough inputs.
    """

    mean: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    samples: int
    trainings: int


def clean_paths(inputs: Inputs, item: RoleArtifact, path: str, information: str) -> np.ndarray:
    """The paths (N, K) of the clean images that a group's inputs were made from, in the group's order, in nats.

    LookupError where one of these images was not measured clean.
    """
    clean = one_input(inputs, name="clean_paths", model=item.role["model"], seed=item.role["seed"])
    columns, numbers = measured_paths(clean, information), image_numbers(item)
    rows = {number: row for row, number in enumerate(columns["index"].tolist())}
    missing = [number for number in numbers.tolist() if number not in rows]
    if missing:
        raise LookupError(f"{clean.artifact.path} has no image {missing[0]} of {item.artifact.path}")
    return columns[path][[rows[number] for number in numbers.tolist()]]


def paired_shift(inputs: Inputs, item: RoleArtifact, path: str, information: str) -> InputGroup:
    """Adversarial minus clean path (N, K) of every input of a group, in nats, and its image's key."""
    adversarial = stored_path(item, path, "inputs", information)
    return InputGroup(adversarial - clean_paths(inputs, item, path, information), image_keys(image_numbers(item)))


def on_images(group: InputGroup, keys: Iterable[int]) -> InputGroup:
    """The inputs of a group that come from the images with these keys."""
    chosen = np.isin(group.images, list(keys))
    return InputGroup(group.values[chosen], group.images[chosen])


def common_images(groups: Sequence[RoleArtifact]) -> set[int]:
    """The keys of the images that all of the groups of attacked inputs have."""
    keys = [set(image_keys(image_numbers(group)).tolist()) for group in groups]
    return set.intersection(*keys) if keys else set()


def normal_spread(inputs: Inputs, model: str, seed: int, path: str, information: str) -> float:
    """How far single normal inputs spread: the mean over layers of the paths' standard deviation, in nats."""
    normal = one_input(inputs, name="aggregated_paths", attack=NORMAL, model=model, seed=seed)
    return float(stored_path(normal, path, "inputs", information).std(axis=0, ddof=1).mean())


def mean_interval(groups: Sequence[InputGroup], seed: int = 0) -> MeanInterval | None:
    """The mean over trainings of each group's mean, and its percentile bootstrap over images.

    groups: one per training; values (N, …). Images are drawn once for all trainings, so that inputs made from one image
    stay together. Groups of fewer than two inputs are left out; None where there is no other.
    """
    groups = [group for group in groups if len(group.values) >= MIN_INPUTS]
    if not groups:
        return None
    numbers = np.unique(np.concatenate([group.images for group in groups]))
    draws = np.random.default_rng(seed).multinomial(len(numbers), np.full(len(numbers), 1 / len(numbers)), RESAMPLES)
    means, replicates = [], []
    for group in groups:
        weights = draws[:, np.searchsorted(numbers, group.images)]
        flat = group.values.reshape(len(group.values), -1)
        with np.errstate(invalid="ignore"):  # a small group may have none of the images that were drawn
            replicates.append((weights @ flat) / weights.sum(axis=1, keepdims=True))
        means.append(flat.mean(axis=0))
    ends = np.nanquantile(np.mean(replicates, axis=0), [(1 - LEVEL) / 2, (1 + LEVEL) / 2], axis=0)
    shape = groups[0].values.shape[1:]
    mean, lower, upper = (values.reshape(shape) for values in (np.mean(means, axis=0), *ends))
    return MeanInterval(mean, lower, upper, sum(len(group.values) for group in groups), len(groups))


def stacked_shifts(inputs: Inputs, item: RoleArtifact, estimates: Sequence[str]) -> InputGroup:
    """The paired shifts (N, paths, estimates, K) of a group: input and output paths, for each of the estimates."""
    shifts = [[paired_shift(inputs, item, path, each) for each in estimates] for path in PATHS.values()]
    values = np.stack([[shift.values for shift in of_path] for of_path in shifts])
    return InputGroup(np.moveaxis(values, 2, 0), image_keys(image_numbers(item)))
