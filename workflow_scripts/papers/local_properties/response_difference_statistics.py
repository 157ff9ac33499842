"""Statistics of the claims about local response differences (Tables 1 to 5).

An effect is positive where it supports the claim. Ratios of mean differences are given as natural logarithms: positive
where the first group's differences are larger. Layers have the network's names, or are "first" and "last". Images are
resampled by their numbers, so that an image is drawn for both models, both attacks and both outcomes or for none.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, not_measured
from workflow_scripts.papers.local_properties.image_bootstraps import (
    NumberedValues,
    bootstrap_of_groups,
    bootstrap_of_same_images,
    mean_over_images,
)
from workflow_scripts.papers.local_properties.response_differences import (
    ResponseDifferences,
    differences_by_seed,
    outcome_masks,
    own_and_transferred,
    standard_and_robust,
)

TINY = 1e-12
Compared = list[tuple[ResponseDifferences, ResponseDifferences, NDArray]]
"""Per training seed two measurements on the same images, and the mask of the images that are compared."""


def standard_larger(inputs: Inputs, measure: str, layers: Sequence[str] = ()) -> Evidence:
    """The smallest ln(standard / robust) over `layers` (default: all), each model under PGD against itself."""
    return _smallest_ratio(standard_and_robust(inputs), measure, layers)


def own_larger_than_transferred(inputs: Inputs, model: str, measure: str, layers: Sequence[str] = ()) -> Evidence:
    """The smallest ln(own / transferred) over `layers` (default: all) in a model, on the same images."""
    return _smallest_ratio(own_and_transferred(inputs, model), measure, layers)


def grows_with_depth(inputs: Inputs, model: str, measure: str) -> Evidence:
    """ln(last layer / first layer) under a model's own PGD examples."""
    seeds = [
        (item.index[item.attacked], [item.measure(measure)[item.attacked]])
        for item in differences_by_seed(inputs, attack="pgd", victim=model, model=model)
    ]
    return bootstrap_of_same_images(seeds, lambda a: float(log_ratio(a[:, [-1]], a[:, [0]])[0]))


def successful_larger(inputs: Inputs, attack: str, model: str, measure: str, layer: str) -> Evidence:
    """ln(successful / failed) in one layer."""
    return _by_outcome(inputs, attack, model, measure, lambda ratio, layers: ratio[layer_indices(layers, [layer])[0]])


def successful_similar(inputs: Inputs, attack: str, model: str, measure: str, within: float) -> Evidence:
    """ln(1 + `within`) minus the largest |ln(successful / failed)| of the first three layers."""
    return _by_outcome(inputs, attack, model, measure, lambda ratio, _: np.log1p(within) - np.abs(ratio[:3]).max())


def successful_grow_apart(inputs: Inputs, attack: str, model: str, measure: str) -> Evidence:
    """ln(successful / failed) in the last layer minus that in the first."""
    return _by_outcome(inputs, attack, model, measure, lambda ratio, _: ratio[-1] - ratio[0])


def robust_outcomes_closer(inputs: Inputs, attack: str, measure: str) -> Evidence:
    """ln(successful / failed) in the last layer, of the standard minus of the robust model."""
    by_model = [differences_by_seed(inputs, attack=attack, model=m, victim=m) for m in ("standard", "robust")]
    seeds = [
        (*_successful_and_failed(standard, measure), *_successful_and_failed(robust, measure))
        for standard, robust in zip(*by_model, strict=True)
    ]
    return bootstrap_of_groups(seeds, lambda a, b, c, d: float(log_ratio(a, b)[-1] - log_ratio(c, d)[-1]))


def transferred_near_natural(inputs: Inputs, model: str) -> Evidence:
    """Half the accuracy lost to a model's own examples, minus the accuracy lost to transferred ones, over all images.

    An image that was not attacked counts unchanged.
    """
    values = []
    for own, transferred, _ in own_and_transferred(inputs, model):
        natural = (own.predicted_natural == own.label).astype(float)
        values.append((own.index, (natural - _correct(own)) / 2 - (natural - _correct(transferred))))
    return mean_over_images(values)


def pgd_larger_than_fgsm(inputs: Inputs, model: str, measure: str, layer: str) -> Evidence:
    """ln(PGD / FGSM) in one layer of a model, on the same images: those of Table 4, classified correctly."""
    by_attack = [(pgd, fgsm, pgd.right & fgsm.right) for pgd, fgsm in _both_attacks(inputs, model)]
    return _smallest_ratio(by_attack, measure, [layer])


def pgd_stronger_than_fgsm(inputs: Inputs, model: str) -> Evidence:
    """Accuracy under FGSM minus accuracy under PGD, over all images."""
    return mean_over_images((pgd.index, _correct(fgsm) - _correct(pgd)) for pgd, fgsm in _both_attacks(inputs, model))


def layer_indices(layers: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Positions of the wanted layers (default: all); layers that the network does not have are left out."""
    if not wanted:
        return list(range(len(layers)))
    ends = {"first": 0, "last": len(layers) - 1}
    return [ends[name] if name in ends else layers.index(name) for name in wanted if name in ends or name in layers]


def log_ratio(larger: NDArray, smaller: NDArray) -> NDArray:
    """ln of the ratio of the means over images: (L,) from (N, L) and (M, L).

    Images for which a relative difference is undefined are left out, and it is 0 where it is undefined for all.
    """
    first, second = (np.nansum(each, 0) / np.maximum((~np.isnan(each)).sum(0), 1) for each in (larger, smaller))
    return np.log((first + TINY) / (second + TINY))


def _smallest_ratio(compared: Compared, measure: str, layers: Sequence[str]) -> Evidence:
    """The smallest ln(first / second) over `layers`, on the images of the masks."""
    indices = layer_indices(compared[0][0].layers, layers)
    if not indices:
        return not_measured(f"the network has no layers {', '.join(layers)}")
    seeds = [(a.index[mask], [each.measure(measure)[mask][:, indices] for each in (a, b)]) for a, b, mask in compared]
    return bootstrap_of_same_images(seeds, lambda a, b: float(log_ratio(a, b).min()))


def _by_outcome(inputs: Inputs, attack: str, model: str, measure: str, statistic: Callable) -> Evidence:
    found = differences_by_seed(inputs, attack=attack, victim=model, model=model)
    layers = found[0].layers
    return bootstrap_of_groups(
        [_successful_and_failed(item, measure) for item in found],
        lambda a, b: float(statistic(log_ratio(a, b), layers)),
    )


def _successful_and_failed(differences: ResponseDifferences, measure: str) -> tuple[NumberedValues, NumberedValues]:
    """The numbers of the images and their differences (N, L) under successful attacks, and under failed ones."""
    masks, values = outcome_masks(differences), differences.measure(measure)
    successful, failed = ((differences.index[masks[name]], values[masks[name]]) for name in ("successful", "failed"))
    return successful, failed


def _both_attacks(inputs: Inputs, model: str) -> Iterator[tuple[ResponseDifferences, ResponseDifferences]]:
    by_attack = [differences_by_seed(inputs, attack=a, victim=model, model=model) for a in ("pgd", "fgsm")]
    return zip(*by_attack, strict=True)


def _correct(differences: ResponseDifferences) -> NDArray:
    return (differences.predicted_adversarial == differences.label).astype(float)
