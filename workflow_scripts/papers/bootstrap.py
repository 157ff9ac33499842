"""The evidence for a claim: an effect, its bootstrap interval and the verdict.

The sign of an effect is such that a positive one supports the claim. Intervals are percentile bootstraps over inputs,
within each training seed: they reflect the choice of inputs, not that of trainings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
RESAMPLES = 2000
Resample = Callable[[np.random.Generator], list[NDArray]]
MIN_INPUTS = 2
"""Inputs that a group needs at least; with fewer the effect is not measured."""


@dataclass(frozen=True)
class Evidence:
    """An effect and its 95% interval.

    effect: positive where it supports the claim, None where it could not be measured; samples: number of inputs, of all
    seeds together; seeds: number of trainings; note: a remark, or why the effect was not measured.
    """

    effect: float | None
    lower: float | None
    upper: float | None
    samples: int
    seeds: int = 1
    note: str = ""

    @property
    def verdict(self) -> str:
        """`supported`: the interval lies above zero; `not supported`: below, or it is zero; otherwise `undecided`."""
        if self.effect is None or self.lower is None or self.upper is None:
            return "not measured"
        if self.lower > 0:
            return "supported"
        return "not supported" if self.upper < 0 or self.lower == self.upper == 0 else "undecided"


def not_measured(note: str) -> Evidence:
    """The evidence where nothing could be measured; `note` says why."""
    return Evidence(None, None, None, samples=0, seeds=0, note=note)


def bootstrap(
    seeds: Sequence[Sequence[NDArray]],
    statistic: Callable[..., float],
    *,
    paired: bool = False,
    images: Sequence[Sequence[NDArray | None]] | None = None,
    resamples: int = RESAMPLES,
    seed: int = 0,
) -> Evidence:
    """The mean of a statistic over training seeds, and its percentile interval.

    seeds: the groups of each training seed, arrays whose first axis counts inputs.
    statistic: called with the groups of one seed; returns a number.
    paired: resample all groups of a seed together (they then have the same inputs in the same order) instead of each
        group independently.
    images: for each group the number (N,) of the image that each input comes from, None for a group that shares no
        image with another. Groups with numbers are resampled together, by one draw of the images in any of them, so
        that inputs from one image stay together.
    seed: of the random generator; the result is deterministic.

    Not measured where a group has fewer than two inputs. Raises ValueError for no seeds, paired groups of unequal
    length, or two inputs from one image in a group.
    """
    if not seeds:
        raise ValueError("no training seed to measure")
    smallest = min(len(group) for groups in seeds for group in groups)
    if smallest < MIN_INPUTS:
        return not_measured(f"a group has {smallest} inputs")
    if paired and any(len({len(group) for group in groups}) > 1 for groups in seeds):
        raise ValueError("paired groups differ in length")
    effect = float(np.mean([statistic(*groups) for groups in seeds]))
    replicates = np.zeros(resamples)
    if images is None:
        images = [[np.arange(len(group)) if paired else None for group in groups] for groups in seeds]
    children = np.random.SeedSequence(seed).spawn(len(seeds))
    for groups, image_numbers, child in zip(seeds, images, children, strict=True):
        rng, resample = np.random.default_rng(child), _resampler(groups, image_numbers)
        for index in range(resamples):
            replicates[index] += statistic(*resample(rng)) / len(seeds)
    lower, upper = np.quantile(replicates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    samples = sum(len(groups[0]) if paired else sum(map(len, groups)) for groups in seeds)
    return Evidence(effect, float(lower), float(upper), samples, len(seeds))


def _resampler(groups: Sequence[NDArray], image_numbers: Sequence[NDArray | None]) -> Resample:
    """Resamples groups with image numbers by one draw of all their images, in its order, the others independently."""
    numbered = [numbers for numbers in image_numbers if numbers is not None]
    all_images = np.unique(np.concatenate(numbered)) if numbered else np.empty(0, int)
    rows_of_images = [None if numbers is None else _rows_of_images(all_images, numbers) for numbers in image_numbers]

    def resample(rng: np.random.Generator) -> list[NDArray]:
        while True:
            images = rng.integers(0, len(all_images), len(all_images)) if numbered else all_images
            resampled = []
            for group, row_of_image in zip(groups, rows_of_images, strict=True):
                rows = rng.integers(0, len(group), len(group)) if row_of_image is None else row_of_image[images]
                resampled.append(group[rows[rows >= 0]])
            if all(map(len, resampled)):  # a small group may have none of the images that were drawn
                return resampled

    return resample


def _rows_of_images(all_images: NDArray, numbers: NDArray) -> NDArray:
    """The row of each image in a group whose rows have these image numbers; −1 where it is not in the group."""
    if len(np.unique(numbers)) < len(numbers):
        raise ValueError("a group has two inputs from one image")
    rows = np.full(len(all_images), -1)
    rows[np.searchsorted(all_images, numbers)] = np.arange(len(numbers))
    return rows


def mean_above_zero(values: Sequence[NDArray]) -> Evidence:
    """The mean of one number per input; values: (N,) for each training seed."""
    return bootstrap([[group] for group in values], np.mean)


def difference_of_means(larger: Sequence[NDArray], smaller: Sequence[NDArray]) -> Evidence:
    """Mean of `larger` minus mean of `smaller`: two independent groups (N,) and (M,) per training seed."""
    return bootstrap(list(zip(larger, smaller, strict=True)), lambda a, b: a.mean() - b.mean())


def paired_difference(larger: Sequence[NDArray], smaller: Sequence[NDArray]) -> Evidence:
    """Mean over inputs of `larger` − `smaller`: both (N,) for the same inputs, per training seed."""
    return mean_above_zero([np.asarray(a) - np.asarray(b) for a, b in zip(larger, smaller, strict=True)])
