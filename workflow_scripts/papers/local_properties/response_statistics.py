"""What is measured of the claims about local responses: Tables 1 to 5.

Ratios of mean differences are natural logarithms, so that a positive one says that the first group's are larger. Layers
are named as the network names them, or "first" and "last".
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.evidence import Evidence, bootstrap, mean_above_zero, missing, paired_difference
from workflow_scripts.papers.local_properties.measured import (
    Responses,
    outcomes,
    own_and_transferred,
    responses_of,
)

TINY = 1e-12


def standard_larger(inputs: Inputs, measure: str, layers: Sequence[str] = ()) -> Evidence:
    """The smallest over `layers` (none given: all) of ln(standard / robust), each under PGD against itself."""
    standard, robust = (responses_of(inputs, attack="pgd", victim=m, model=m) for m in ("standard", "robust"))
    places = places_of(standard[0].layers, layers)
    if not places:
        return missing(f"the network has no layers {', '.join(layers)}")
    groups = [
        (a.measure(measure)[a.attacked][:, places], b.measure(measure)[b.attacked][:, places])
        for a, b in zip(standard, robust, strict=True)
    ]
    return bootstrap(groups, lambda a, b: float(log_ratio(a, b).min()))


def grows_with_depth(inputs: Inputs, model: str, measure: str) -> Evidence:
    """ln(last layer / first layer) of a model's own PGD examples."""
    found = responses_of(inputs, attack="pgd", victim=model, model=model)
    groups = [(item.measure(measure)[item.attacked],) for item in found]
    return bootstrap(groups, lambda a: float(np.log((a[:, -1].mean() + TINY) / (a[:, 0].mean() + TINY))))


def successful_larger(inputs: Inputs, attack: str, model: str, measure: str, layer: str) -> Evidence:
    """ln(successful / failed) in one layer."""
    return _by_outcome(inputs, attack, model, measure, lambda ratio, layers: ratio[places_of(layers, [layer])[0]])


def successful_similar(inputs: Inputs, attack: str, model: str, measure: str, within: float) -> Evidence:
    """ln(1 + `within`) − the largest |ln(successful / failed)| of the first three layers."""
    return _by_outcome(inputs, attack, model, measure, lambda ratio, _: np.log1p(within) - np.abs(ratio[:3]).max())


def successful_grow_apart(inputs: Inputs, attack: str, model: str, measure: str) -> Evidence:
    """ln(successful / failed) in the last layer minus that in the first."""
    return _by_outcome(inputs, attack, model, measure, lambda ratio, _: ratio[-1] - ratio[0])


def robust_outcomes_closer(inputs: Inputs, attack: str, measure: str) -> Evidence:
    """ln(successful / failed) in the last layer, of the standard model minus of the robust one."""
    seeds = [
        (*_split(a, measure), *_split(b, measure))
        for a, b in zip(
            *(responses_of(inputs, attack=attack, model=m, victim=m) for m in ("standard", "robust")), strict=True
        )
    ]
    return bootstrap(seeds, lambda a, b, c, d: float(log_ratio(a, b)[-1] - log_ratio(c, d)[-1]))


def own_larger_than_transferred(inputs: Inputs, model: str, measure: str, layers: Sequence[str] = ()) -> Evidence:
    """The smallest over `layers` (none given: all) of ln(own / transferred) in a model, on the same images."""
    pairs = own_and_transferred(inputs, model)
    places = places_of(pairs[0][0].layers, layers)
    if not places:
        return missing(f"the network has no layers {', '.join(layers)}")
    groups = [(a.measure(measure)[both][:, places], b.measure(measure)[both][:, places]) for a, b, both in pairs]
    return bootstrap(groups, lambda a, b: float(log_ratio(a, b).min()), paired=True)


def transferred_near_natural(inputs: Inputs, model: str) -> Evidence:
    """Half the accuracy that a model's own examples take, minus what transferred ones take, of all images.

    An image that is not attacked, as its victim gets it wrong, stays what it is.
    """
    values = []
    for own, transferred, _ in own_and_transferred(inputs, model):
        natural = (own.predicted_natural == own.label).astype(float)
        values.append((natural - _right(own)) / 2 - (natural - _right(transferred)))
    return mean_above_zero(values)


def pgd_larger_than_fgsm(inputs: Inputs, model: str, measure: str, layer: str) -> Evidence:
    """ln(PGD / FGSM) in one layer of a model, on the same images."""
    groups = []
    for a, b in _both_attacks(inputs, model):
        (place,) = places_of(a.layers, [layer])
        groups.append((a.measure(measure)[a.attacked][:, [place]], b.measure(measure)[b.attacked][:, [place]]))
    return bootstrap(groups, lambda a, b: float(log_ratio(a, b)[0]), paired=True)


def pgd_stronger_than_fgsm(inputs: Inputs, model: str) -> Evidence:
    """Accuracy under FGSM minus accuracy under PGD, of all images."""
    pairs = list(_both_attacks(inputs, model))
    return paired_difference([_right(b) for _, b in pairs], [_right(a) for a, _ in pairs])


def places_of(layers: Sequence[str], wanted: Sequence[str]) -> list[int]:
    """Positions of the wanted layers, all where none is named; those that the network does not have are left out."""
    if not wanted:
        return list(range(len(layers)))
    ends = {"first": 0, "last": len(layers) - 1}
    return [ends[name] if name in ends else layers.index(name) for name in wanted if name in ends or name in layers]


def log_ratio(larger: NDArray, smaller: NDArray) -> NDArray:
    """ln of the ratio of means over the inputs, (L,) from (N, L) and (M, L)."""
    return np.log((larger.mean(0) + TINY) / (smaller.mean(0) + TINY))


def _by_outcome(inputs: Inputs, attack: str, model: str, measure: str, statistic: Callable) -> Evidence:
    found = responses_of(inputs, attack=attack, victim=model, model=model)
    layers = found[0].layers
    return bootstrap([_split(item, measure) for item in found], lambda a, b: float(statistic(log_ratio(a, b), layers)))


def _split(measured: Responses, measure: str) -> tuple[NDArray, NDArray]:
    """Differences (N, L) of the successful and of the failed attacks."""
    masks = outcomes(measured)
    return measured.measure(measure)[masks["successful"]], measured.measure(measure)[masks["failed"]]


def _both_attacks(inputs: Inputs, model: str) -> zip:
    return zip(*(responses_of(inputs, attack=a, victim=model, model=model) for a in ("pgd", "fgsm")), strict=True)


def _right(measured: Responses) -> NDArray:
    return (measured.predicted_adversarial == measured.label).astype(float)
