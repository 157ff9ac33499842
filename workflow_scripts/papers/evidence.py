"""What a measurement says of a claim: an effect, its bootstrap interval, and the verdict.

An effect is signed so that a positive one speaks for the claim. Intervals are percentile bootstraps over inputs, within
each training seed; they say how much the choice of inputs matters, and nothing of trainings that were not made.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
RESAMPLES = 2000
Draw = Callable[[np.random.Generator], list[NDArray]]
FEWEST = 2
"""Inputs that a group needs at least; with fewer nothing is measured."""


@dataclass(frozen=True)
class Evidence:
    """effect: signed, > 0 for the claim, None where it could not be measured; lower, upper: its 95% interval;
    samples: inputs that it rests on, of all seeds together; seeds: trainings; note: why it is missing, or ''.
    """

    effect: float | None
    lower: float | None
    upper: float | None
    samples: int
    seeds: int = 1
    note: str = ""

    @property
    def verdict(self) -> str:
        """`supported`: the interval lies above zero; `not supported`: below, or is zero itself; else `undecided`."""
        if self.effect is None or self.lower is None or self.upper is None:
            return "not measured"
        if self.lower > 0:
            return "supported"
        return "not supported" if self.upper < 0 or self.lower == self.upper == 0 else "undecided"


def missing(note: str) -> Evidence:
    """Nothing could be measured; `note` says why."""
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
    """The statistic's mean over training seeds and its percentile interval.

    seeds: for each training seed its groups, arrays whose first axis counts inputs. statistic(*groups) → number. Each
    group is resampled by itself, or, `paired`, all groups of a seed by the same draw (they then have equally many
    inputs, in one order). images: of each group the number (N,) of the image behind each input, None for a group of
    images of its own; groups with numbers are resampled by one draw of the images that they have together, so that
    what comes from one image stays together. Deterministic for a `seed`. Groups with fewer than two inputs: not
    measured.

    Raises ValueError for no seeds, paired groups of unequal length, or two inputs of one image in a group.
    """
    if not seeds:
        raise ValueError("no training seed to measure")
    smallest = min(len(group) for groups in seeds for group in groups)
    if smallest < FEWEST:
        return missing(f"a group has {smallest} inputs")
    if paired and any(len({len(group) for group in groups}) > 1 for groups in seeds):
        raise ValueError("paired groups differ in length")
    effect = float(np.mean([statistic(*groups) for groups in seeds]))
    replicates = np.zeros(resamples)
    if images is None:
        images = [[np.arange(len(group)) if paired else None for group in groups] for groups in seeds]
    children = np.random.SeedSequence(seed).spawn(len(seeds))
    for groups, numbers, child in zip(seeds, images, children, strict=True):
        rng, draw = np.random.default_rng(child), _drawer(groups, numbers)
        for index in range(resamples):
            replicates[index] += statistic(*draw(rng)) / len(seeds)
    lower, upper = np.quantile(replicates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    samples = sum(len(groups[0]) if paired else sum(map(len, groups)) for groups in seeds)
    return Evidence(effect, float(lower), float(upper), samples, len(seeds))


def _drawer(groups: Sequence[NDArray], numbers: Sequence[NDArray | None]) -> Draw:
    """Draws the groups anew: those with numbers by one draw of all their images, in its order, the others alone."""
    numbered = [of for of in numbers if of is not None]
    known = np.unique(np.concatenate(numbered)) if numbered else np.empty(0, int)
    places = [None if of is None else _places(known, of) for of in numbers]

    def draw(rng: np.random.Generator) -> list[NDArray]:
        while True:
            images = rng.integers(0, len(known), len(known)) if numbered else known
            drawn = []
            for group, at in zip(groups, places, strict=True):
                rows = rng.integers(0, len(group), len(group)) if at is None else at[images]
                drawn.append(group[rows[rows >= 0]])
            if all(map(len, drawn)):  # a small group may have none of the images that were drawn
                return drawn

    return draw


def _places(known: NDArray, of: NDArray) -> NDArray:
    """Where a group has each known image, −1 where it has not."""
    if len(np.unique(of)) < len(of):
        raise ValueError("a group has two inputs of one image")
    places = np.full(len(known), -1)
    places[np.searchsorted(known, of)] = np.arange(len(of))
    return places


def mean_above_zero(values: Sequence[NDArray]) -> Evidence:
    """The mean of one number per input, (N,) for each training seed: is it above zero?"""
    return bootstrap([[group] for group in values], np.mean)


def difference_of_means(larger: Sequence[NDArray], smaller: Sequence[NDArray]) -> Evidence:
    """Mean of `larger` minus mean of `smaller`, two independent groups (N,) and (M,) for each training seed."""
    return bootstrap(list(zip(larger, smaller, strict=True)), lambda a, b: a.mean() - b.mean())


def paired_difference(larger: Sequence[NDArray], smaller: Sequence[NDArray]) -> Evidence:
    """Mean over inputs of `larger` − `smaller`, both (N,) for the same inputs, for each training seed."""
    return mean_above_zero([np.asarray(a) - np.asarray(b) for a, b in zip(larger, smaller, strict=True)])
