"""Statistics of the claims about local response differences (Tables 1 to 5).

An effect is positive where it supports the claim. Ratios of mean differences are given as natural logarithms: positive
where the first group's differences are larger. Layers have the network's names, or are "first" and "last".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, bootstrap, mean_above_zero, not_measured, paired_difference
from workflow_scripts.papers.local_properties.response_differences import (
    ResponseDifferences,
    differences_by_seed,
    outcome_masks,
    own_and_transferred,
)

TINY = 1e-12


def standard_larger(inputs: Inputs, measure: str, layers: Sequence[str] = ()) -> Evidence:
    """The smallest ln(standard / robust) over `layers` (default: all), each model under PGD against itself."""
    standard, robust = (differences_by_seed(inputs, attack="pgd", victim=m, model=m) for m in ("standard", "robust"))
    indices = layer_indices(standard[0].layers, layers)
    if not indices:
        return not_measured(f"the network has no layers {', '.join(layers)}")
    groups = [
        (a.measure(measure)[a.attacked][:, indices], b.measure(measure)[b.attacked][:, indices])
        for a, b in zip(standard, robust, strict=True)
    ]
    return bootstrap(groups, lambda a, b: float(log_ratio(a, b).min()))


def grows_with_depth(inputs: Inputs, model: str, measure: str) -> Evidence:
    """ln(last layer / first layer) under a model's own PGD examples."""
    by_seed = differences_by_seed(inputs, attack="pgd", victim=model, model=model)
    groups = [(item.measure(measure)[item.attacked],) for item in by_seed]
    return bootstrap(groups, lambda a: float(np.log((a[:, -1].mean() + TINY) / (a[:, 0].mean() + TINY))))


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
    seeds = [
        (*_successful_and_failed(a, measure), *_successful_and_failed(b, measure))
        for a, b in zip(
            *(differences_by_seed(inputs, attack=attack, model=m, victim=m) for m in ("standard", "robust")),
            strict=True,
        )
    ]
    return bootstrap(seeds, lambda a, b, c, d: float(log_ratio(a, b)[-1] - log_ratio(c, d)[-1]))


def own_larger_than_transferred(inputs: Inputs, model: str, measure: str, layers: Sequence[str] = ()) -> Evidence:
    """The smallest ln(own / transferred) over `layers` (default: all) in a model, on the same images."""
    pairs = own_and_transferred(inputs, model)
    indices = layer_indices(pairs[0][0].layers, layers)
    if not indices:
        return not_measured(f"the network has no layers {', '.join(layers)}")
    groups = [(a.measure(measure)[both][:, indices], b.measure(measure)[both][:, indices]) for a, b, both in pairs]
    return bootstrap(groups, lambda a, b: float(log_ratio(a, b).min()), paired=True)


def transferred_near_natural(inputs: Inputs, model: str) -> Evidence:
    """Half the accuracy lost to a model's own examples, minus the accuracy lost to transferred ones, over all images.

    An image that its victim misclassifies is not attacked and counts unchanged.
    """
    values = []
    for own, transferred, _ in own_and_transferred(inputs, model):
        natural = (own.predicted_natural == own.label).astype(float)
        values.append((natural - _correct(own)) / 2 - (natural - _correct(transferred)))
    return mean_above_zero(values)


def pgd_larger_than_fgsm(inputs: Inputs, model: str, measure: str, layer: str) -> Evidence:
    """ln(PGD / FGSM) in one layer of a model, on the same images."""
    groups = []
    for a, b in _both_attacks(inputs, model):
        (index,) = layer_indices(a.layers, [layer])
        groups.append((a.measure(measure)[a.attacked][:, [index]], b.measure(measure)[b.attacked][:, [index]]))
    return bootstrap(groups, lambda a, b: float(log_ratio(a, b)[0]), paired=True)


def pgd_stronger_than_fgsm(inputs: Inputs, model: str) -> Evidence:
    """Accuracy under FGSM minus accuracy under PGD, over all images."""
    pairs = list(_both_attacks(inputs, model))
    return paired_difference([_correct(b) for _, b in pairs], [_correct(a) for a, _ in pairs])


def layer_indices(layers: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Positions of the wanted layers (default: all); layers that the network does not have are left out."""
    if not wanted:
        return list(range(len(layers)))
    ends = {"first": 0, "last": len(layers) - 1}
    return [ends[name] if name in ends else layers.index(name) for name in wanted if name in ends or name in layers]


def log_ratio(larger: NDArray, smaller: NDArray) -> NDArray:
    """ln of the ratio of the means over images: (L,) from (N, L) and (M, L)."""
    return np.log((larger.mean(0) + TINY) / (smaller.mean(0) + TINY))


def _by_outcome(inputs: Inputs, attack: str, model: str, measure: str, statistic: Callable) -> Evidence:
    found = differences_by_seed(inputs, attack=attack, victim=model, model=model)
    layers = found[0].layers
    return bootstrap(
        [_successful_and_failed(item, measure) for item in found],
        lambda a, b: float(statistic(log_ratio(a, b), layers)),
    )


def _successful_and_failed(differences: ResponseDifferences, measure: str) -> tuple[NDArray, NDArray]:
    """The differences under successful attacks (N, L) and under failed ones (M, L)."""
    masks = outcome_masks(differences)
    return differences.measure(measure)[masks["successful"]], differences.measure(measure)[masks["failed"]]


def _both_attacks(inputs: Inputs, model: str) -> zip:
    return zip(
        *(differences_by_seed(inputs, attack=a, victim=model, model=model) for a in ("pgd", "fgsm")), strict=True
    )


def _correct(differences: ResponseDifferences) -> NDArray:
    return (differences.predicted_adversarial == differences.label).astype(float)
