"""The evidence for a claim: an effect, its bootstrap interval and the verdict.

The sign of an effect is such that a positive one supports the claim. Intervals are percentile bootstraps over images:
they reflect the choice of images, not that of trainings. In every resample each image has a weight, how often it is
drawn, which is Poisson-distributed with mean 1 (the Poisson bootstrap; Chamandy et al. 2012, "Estimating uncertainty
for massive data streams") and depends on nothing but the image and the resample. All trainings, groups and statistics
therefore see the same draw of images, and the replicates of two statistics over the same images are paired.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from statistics import NormalDist

import numpy as np
from numpy.typing import NDArray

LEVEL = 0.95
Z = NormalDist().inv_cdf((1 + LEVEL) / 2)
"""Standard errors on either side, of a normal interval."""
RESAMPLES = 2000
MIN_INPUTS = 2
"""Inputs that a group needs at least; with fewer the effect is not measured."""
SPLITS = ("test", "validation", "train")
_BLOCK = 256  # images whose weights are drawn at a time
_Images = Sequence[Sequence[NDArray | None]]


@dataclass(frozen=True)
class Evidence:
    """An effect and its 95% interval.

    effect: positive where it supports the claim, None where it could not be measured; samples: number of inputs, of all
    seeds together; seeds: number of trainings; note: a remark, or why the effect was not measured; resampled: what the
    interval is over; replicates: the effect in each resample, None where the interval is no bootstrap.
    """

    effect: float | None
    lower: float | None
    upper: float | None
    samples: int
    seeds: int = 1
    note: str = ""
    resampled: str = "images"
    replicates: NDArray | None = field(default=None, compare=False, repr=False)

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
    images: _Images | None = None,
    resamples: int = RESAMPLES,
    resampled: str = "images",
) -> Evidence:
    """The mean of a statistic over training seeds, and its percentile interval.

    seeds: the groups of each training seed, arrays whose first axis counts inputs.
    statistic: called with the groups of one seed; returns a number. It must not depend on the inputs' order.
    images: for each group the key (N,) of the image that each input comes from (`image_keys`), None for a group that
        shares no image with another, in any seed.
    paired: the groups of a seed have the same inputs in the same order; where `images` says nothing, they are drawn
        together.
    resampled: what the inputs are, for the evidence.

    A resample in which a group is empty does not count. Not measured where a group has fewer than two inputs. Raises
    ValueError for no seeds, paired groups of unequal length, or two inputs from one image in a group.
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
    for seed, groups in enumerate(seeds):
        keys = [None] * len(groups) if images is None else images[seed]
        weights = [
            _weights(keys[place], len(group), (seed, 0 if paired else place)) for place, group in enumerate(groups)
        ]
        for index, drawn in enumerate(_resamples(groups, weights, resamples)):
            replicates[index] += statistic(*drawn) / len(seeds) if all(map(len, drawn)) else np.nan
    lower, upper = interval(replicates)
    samples = sum(len(groups[0]) if paired else sum(map(len, groups)) for groups in seeds)
    return Evidence(effect, lower, upper, samples, len(seeds), resampled=resampled, replicates=replicates)


def interval(replicates: NDArray) -> tuple[float, float]:
    """The percentile interval of the replicates (R,) that are not NaN."""
    lower, upper = np.nanquantile(replicates, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    return float(lower), float(upper)


def image_keys(numbers: NDArray, split: str = "test") -> NDArray:
    """The keys (N,) of a split's images, by their numbers in it: different for images of different splits."""
    return np.asarray(numbers, np.int64) + (SPLITS.index(split) << 32)


def image_weights(keys: NDArray) -> NDArray:
    """How often `bootstrap` draws each image in each resample: uint8 (N, RESAMPLES); keys: (N,), `image_keys`.

    For statistics that take weights, of many quantities at once. Raises ValueError for two inputs from one image.
    """
    return _weights(keys, len(keys), (0, 0))


def _resamples(groups: Sequence[NDArray], weights: Sequence[NDArray], resamples: int) -> Iterator[list[NDArray]]:
    """Each resample's groups: every input as often as its weight says, in random order."""
    rng, places = np.random.default_rng(0), [np.arange(len(group)) for group in groups]
    for index in range(resamples):
        rows = [np.repeat(place, weight[:, index]) for place, weight in zip(places, weights, strict=True)]
        yield [group[rng.permutation(row)] for group, row in zip(groups, rows, strict=True)]


def _weights(keys: NDArray | None, count: int, group: tuple[int, int]) -> NDArray:
    """How often each input of a group is drawn: uint8 (N, RESAMPLES); its own draws without keys."""
    if keys is None:
        return np.random.default_rng([1, *group]).poisson(1, (count, RESAMPLES)).astype(np.uint8)
    if len(np.unique(keys)) < len(keys):
        raise ValueError("a group has two inputs from one image")
    weights = np.empty((count, RESAMPLES), np.uint8)
    blocks = np.asarray(keys) // _BLOCK
    for block in np.unique(blocks):
        weights[blocks == block] = _block_weights(int(block))[keys[blocks == block] % _BLOCK]
    return weights


@lru_cache(maxsize=256)
def _block_weights(block: int) -> NDArray:
    """The weights of _BLOCK images with consecutive keys."""
    return np.random.default_rng([2, block]).poisson(1, (_BLOCK, RESAMPLES)).astype(np.uint8)


def mean_above_zero(values: Sequence[NDArray], images: Sequence[NDArray] | None = None) -> Evidence:
    """The mean of one number per input; values: (N,) for each training seed, images: their keys."""
    return bootstrap([[group] for group in values], np.mean, images=None if images is None else [[k] for k in images])


def difference_of_means(
    larger: Sequence[NDArray], smaller: Sequence[NDArray], images: _Images | None = None
) -> Evidence:
    """Mean of `larger` minus mean of `smaller`: groups (N,) and (M,) per training seed, and for each the two's keys."""
    return bootstrap(list(zip(larger, smaller, strict=True)), lambda a, b: a.mean() - b.mean(), images=images)


def paired_difference(
    larger: Sequence[NDArray], smaller: Sequence[NDArray], images: Sequence[NDArray] | None = None
) -> Evidence:
    """Mean over inputs of `larger` − `smaller`: both (N,) for the same inputs, per training seed, and their keys."""
    return mean_above_zero([np.asarray(a) - np.asarray(b) for a, b in zip(larger, smaller, strict=True)], images)
