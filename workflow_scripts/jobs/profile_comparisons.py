"""Comparisons of the saliency profiles of two classes of images, as published and beside their controls.

A row has first and second, the classes; `images`, "same" or "matched loss"; `divided`, whether each image's profile is
divided by its mean; pairs; and, with two pairs or more, the paired permutation test's results: distance, permuted (the
mean), permuted_low, permuted_high, p_value and excess.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from pathlib import Path

import h5py
import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.saliency.comparison import paired_permutation_test
from workflow_scripts.analysis.saliency.matching import MIN_PAIRS, match_losses
from workflow_scripts.analysis.saliency.profiles import divided_by_mean

SAME, MATCHED = "same", "matched loss"
BATCH = 100
"""Pairs of profiles in memory at once."""


def compare_classes(path: Path, names: Sequence[str], permutations: int, seed: int) -> list[dict]:
    """Per pair of classes, the distance of their mean profiles on their common images; path: image_profiles.h5."""
    rows = []
    with h5py.File(path, "r") as file:
        for first, second in itertools.combinations(names, 2):
            rows.append(_row(file, first, second, _common(file, first, second), False, permutations, seed))
    return rows


def compare_with_controls(path: Path, attacks: Sequence[str], other: str, permutations: int, seed: int) -> list[dict]:
    """The comparisons of `attacks` that leave out what the loss and the mean salience make of a distance.

    On common images with divided profiles; at matched loss with profiles as they are and divided. At matched loss,
    where no image needs to be in both classes, each attack is also compared with the class `other`. Fewer than
    MIN_PAIRS matched pairs are counted but not compared.
    """
    rows = []
    with h5py.File(path, "r") as file:
        for first, second in itertools.combinations(attacks, 2):
            rows.append(_row(file, first, second, _common(file, first, second), True, permutations, seed))
        for first, second in [*itertools.combinations(attacks, 2), *((name, other) for name in attacks)]:
            matched = match_losses(file[f"{first}_loss"][:], file[f"{second}_loss"][:])
            for divided in (False, True):
                rows.append(_row(file, first, second, matched, divided, permutations, seed, MATCHED, MIN_PAIRS))
    return rows


def _common(file: h5py.File, first: str, second: str) -> tuple[NDArray, NDArray]:
    """The rows of two classes that are the same images; they ascend, as the classes are in the order of the images."""
    _, a, b = np.intersect1d(file[f"{first}_index"][:], file[f"{second}_index"][:], return_indices=True)
    return a, b


def _row(
    file: h5py.File,
    first: str,
    second: str,
    pairs: tuple[NDArray, NDArray],
    divided: bool,
    permutations: int,
    seed: int,
    images: str = SAME,
    least: int = 2,
) -> dict:
    row = {"first": first, "second": second, "images": images, "divided": divided, "pairs": len(pairs[0])}
    if len(pairs[0]) < least:
        return row
    result = paired_permutation_test(_batches(file, (first, second), pairs, divided), permutations, seed)
    low, high = np.quantile(result.permuted, (0.025, 0.975))
    return row | {
        "distance": result.distance,
        "permuted": float(result.permuted.mean()),
        "permuted_low": float(low),
        "permuted_high": float(high),
        "p_value": result.p_value,
        "excess": list(result.excess),
    }


def _batches(
    file: h5py.File, names: tuple[str, str], pairs: tuple[NDArray, NDArray], divided: bool
) -> Iterator[tuple[NDArray, NDArray]]:
    """The profiles of the pairs, BATCH at a time."""
    for start in range(0, len(pairs[0]), BATCH):
        profiles = []
        for name, rows in zip(names, pairs, strict=True):
            ascending, position = np.unique(rows[start : start + BATCH], return_inverse=True)  # as HDF5 reads them
            read = file[name][ascending][position].astype(np.float64)
            profiles.append(divided_by_mean(read) if divided else read)
        yield profiles[0], profiles[1]
