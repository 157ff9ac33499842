"""Bootstraps that resample test images by their numbers, the same draw for all that is measured of an image."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.papers.bootstrap import Evidence, bootstrap, image_keys

NumberedValues = tuple[NDArray, NDArray]
"""The numbers of N images in the test split (N,), and what was measured of each (N, …)."""


def mean_over_images(seeds: Iterable[NumberedValues]) -> Evidence:
    """The mean of one value per image, (N,) for each training seed."""
    by_seed = list(seeds)
    return bootstrap(
        [[values] for _, values in by_seed], np.mean, images=[[image_keys(numbers)] for numbers, _ in by_seed]
    )


def bootstrap_of_same_images(
    seeds: Iterable[tuple[NDArray, Sequence[NDArray]]], statistic: Callable[..., float]
) -> Evidence:
    """A statistic of groups that hold the same images: per seed their numbers (N,), and the groups, (N, …) each."""
    by_seed = [(numbers, list(groups)) for numbers, groups in seeds]
    images = [[image_keys(numbers)] * len(groups) for numbers, groups in by_seed]
    return bootstrap([groups for _, groups in by_seed], statistic, paired=True, images=images)


def bootstrap_of_groups(seeds: Iterable[Sequence[NumberedValues]], statistic: Callable[..., float]) -> Evidence:
    """A statistic of groups that may share images or not: per seed the numbers and the values of each group."""
    by_seed = [list(groups) for groups in seeds]
    images = [[image_keys(numbers) for numbers, _ in groups] for groups in by_seed]
    return bootstrap([[values for _, values in groups] for groups in by_seed], statistic, images=images)
