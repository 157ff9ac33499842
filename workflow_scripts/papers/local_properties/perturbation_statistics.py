"""Statistics of the claims about perturbations in space (Figures 3, 7 and 8).

An effect is positive where it supports the claim. Images for which a measure is undefined are left out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.responses.perturbations import (
    neighbour_correlation,
    shape_correlation,
    share_at_bound,
)
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.pairs import Pairs, read_pairs
from workflow_scripts.papers.bootstrap import Evidence
from workflow_scripts.papers.local_properties.image_bootstraps import (
    NumberedValues,
    bootstrap_of_groups,
    mean_over_images,
)

Measure = Callable[[NDArray, NDArray], NDArray]
"""What is measured of each image: from natural and adversarial images (N, C, H, W) to (N,)."""


def perturbations_consistent(inputs: Inputs, attack: str, outcome: str = "all") -> Evidence:
    """Correlation of neighbouring pixels' perturbations, against the robust minus against the standard model.

    outcome: "all", or "failed" for the images that the robust model classifies correctly in spite of the attack on it.
    """
    return _first_minus_second(inputs, (attack, "robust"), (attack, "standard"), _consistency, outcome)


def fgsm_less_disordered(inputs: Inputs, model: str) -> Evidence:
    """Correlation of neighbouring pixels' perturbations, by FGSM minus by PGD against one model."""
    return _first_minus_second(inputs, ("fgsm", model), ("pgd", model), _consistency)


def perturbations_follow_shapes(inputs: Inputs, attack: str) -> Evidence:
    """Correlation of the edges of perturbation and image, against the robust minus against the standard model."""
    return _first_minus_second(inputs, (attack, "robust"), (attack, "standard"), _shape)


def failed_follow_shapes(inputs: Inputs, attack: str, model: str) -> Evidence:
    """Correlation of the edges of perturbation and image, of failed minus of successful attacks on a model."""
    seeds = []
    for pairs in _pairs_by_seed(inputs, attack, model):
        values, success = _measured(pairs, _shape), pairs.columns["success"]
        numbers, defined = pairs.columns["index"], ~np.isnan(values)
        masks = (_failed(pairs) & defined, success & defined)
        seeds.append([(numbers[mask], values[mask]) for mask in masks])
    return bootstrap_of_groups(seeds, lambda failed, successful: float(failed.mean() - successful.mean()))


def perturbations_at_bound(inputs: Inputs, attack: str, model: str, share: float) -> Evidence:
    """The share of features that change by the whole budget or to the end of the range, minus `share`."""
    values = []
    for pairs in _pairs_by_seed(inputs, attack, model):
        rows = np.flatnonzero(~pairs.columns["skipped"])
        natural, adversarial = pairs.natural(rows), pairs.adversarial(rows)
        bound = float(np.abs(adversarial - natural).max()) if len(rows) else 0.0
        values.append((pairs.columns["index"][rows], share_at_bound(natural, adversarial, bound) - share))
    return mean_over_images(values)


def _first_minus_second(
    inputs: Inputs, first: tuple[str, str], second: tuple[str, str], measure: Measure, outcome: str = "all"
) -> Evidence:
    """The mean of a measure in one set minus in another, (attack, victim) each, over the images of both."""
    values = []
    for one, other in zip(_pairs_by_seed(inputs, *first), _pairs_by_seed(inputs, *second), strict=True):
        wanted = _failed(one) if outcome == "failed" else np.ones(len(one), bool)
        values.append(_difference(one, other, measure, wanted))
    return mean_over_images(values)


def _difference(one: Pairs, other: Pairs, measure: Measure, wanted: NDArray) -> NumberedValues:
    difference = _measured(one, measure) - _measured(other, measure)
    kept = wanted & ~np.isnan(difference)
    return one.columns["index"][kept], difference[kept]


def _measured(pairs: Pairs, measure: Measure) -> NDArray:
    """A measure of every image, NaN where it was not attacked (N,)."""
    rows = np.flatnonzero(~pairs.columns["skipped"])
    values = np.full(len(pairs), np.nan)
    values[rows] = measure(pairs.natural(rows), pairs.adversarial(rows))
    return values


def _consistency(natural: NDArray, adversarial: NDArray) -> NDArray:
    return neighbour_correlation(adversarial - natural)


def _shape(natural: NDArray, adversarial: NDArray) -> NDArray:
    return shape_correlation(natural, adversarial - natural)


def _failed(pairs: Pairs) -> NDArray:
    """The images that the set's victim classifies correctly before the attack and after it (N,)."""
    return (pairs.columns["predicted_before"] == pairs.columns["label"]) & ~pairs.columns["success"]


def _pairs_by_seed(inputs: Inputs, attack: str, victim: str) -> Iterator[Pairs]:
    """The pairs of an attack on a model, for every training seed, in the order of seeds."""
    items = inputs.all(name="adversarial_set", attack=attack, victim=victim)
    for item in sorted(items, key=lambda item: item.role["seed"]):
        yield read_pairs(item.artifact, inputs.one(name="dataset"))
