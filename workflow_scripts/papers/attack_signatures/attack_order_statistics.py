"""Is the order of the attacks by depth the same for two victims? Rank correlations against random orders.

Few attacks are in a similar order by chance: of two random orders of five, one pair in fifteen has a Spearman
correlation of 0.8 or more, whatever the number of images. So the correlation has to exceed those of random orders, and
its interval over images has to lie above zero.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import attack_classes
from workflow_scripts.papers.attack_signatures.saliency_samples import VictimGroups, common_images
from workflow_scripts.papers.bootstrap import LEVEL, Evidence, bootstrap, not_measured

ORDERS, RESAMPLES = 4999, 300
Pairs = Sequence[tuple[int, int]]


def same_order_across_victims(inputs: Inputs) -> Evidence:
    """Spearman correlation of the attacks' mean depths between two victims of a data set, mean over all pairs."""
    items = inputs.all(name="saliency")
    pairs = [
        (a, b)
        for a, b in itertools.combinations(range(len(items)), 2)
        if items[a].role["dataset"] == items[b].role["dataset"]
    ]
    return order_evidence(inputs, pairs, "no two victims on which all attacks turn the same two images")


def same_order_across_datasets(inputs: Inputs) -> Evidence:
    """Spearman correlation of the attacks' mean depths between victims of one architecture on two data sets."""
    items = inputs.all(name="saliency")
    architectures = [inputs.parameters["architectures"][item.role["victim"]] for item in items]
    pairs = [
        (a, b)
        for a, b in itertools.combinations(range(len(items)), 2)
        if architectures[a] == architectures[b] and items[a].role["dataset"] != items[b].role["dataset"]
    ]
    return order_evidence(
        inputs, pairs, "no architecture on two data sets on which all attacks turn the same two images"
    )


def order_evidence(inputs: Inputs, pairs: Pairs, otherwise: str) -> Evidence:
    """The mean correlation over pairs of victims, on the images that all attacks turned.

    pairs: positions in the study's list of victims; pairs with an unmeasured one are left out. otherwise: why nothing
    is measured where no pair is left. At each end the interval is the wider one of two: over images, and the effect
    minus its value when each victim's attacks are in random order; it ends at 1.
    """
    attacks = list(attack_classes(inputs))
    if len(attacks) < 3:
        return not_measured("an order needs three attacks")
    found = [common_images(inputs, item, "depth", attacks) for item in inputs.all(name="saliency")]
    pairs = [(a, b) for a, b in pairs if found[a] is not None and found[b] is not None]
    if not pairs:
        return not_measured(otherwise)
    used = sorted({position for pair in pairs for position in pair})
    return _evidence([found[k] for k in used], [(used.index(a), used.index(b)) for a, b in pairs])


def _evidence(victims: Sequence[VictimGroups], pairs: Pairs) -> Evidence:
    shape = len(victims), len(victims[0].groups)

    def correlation(*depths: NDArray) -> float:
        return float(mean_rank_correlation(np.array([group.mean() for group in depths]).reshape(shape), pairs))

    groups = [group for victim in victims for group in victim.groups]
    images = [victim.images for victim in victims for _ in victim.groups]
    evidence = bootstrap([groups], correlation, images=[images], resamples=RESAMPLES)
    null = correlations_of_random_orders(*shape, pairs)
    low, high = np.quantile(null, [(1 - LEVEL) / 2, (1 + LEVEL) / 2])
    p_value = (1 + np.count_nonzero(null >= evidence.effect - 1e-9)) / (1 + len(null))
    return replace(
        evidence,
        lower=min(evidence.lower, evidence.effect - float(high)),
        upper=min(1.0, max(evidence.upper, evidence.effect - float(low))),
        samples=sum(len(victim.images) for victim in victims),
        note=f"{len(pairs)} pairs of victims; {shape[1]} attacks in random order do as well with p {p_value:.3f}",
    )


def mean_rank_correlation(values: NDArray, pairs: Pairs) -> NDArray:
    """Mean Spearman correlation of pairs of rows; values: (…, V, A), each row without ties. Returns (…,)."""
    ranks = values.argsort(-1).argsort(-1) - (values.shape[-1] - 1) / 2
    square = (ranks[..., 0, :] ** 2).sum(-1)
    return np.mean([(ranks[..., a, :] * ranks[..., b, :]).sum(-1) / square for a, b in pairs], axis=0)


def correlations_of_random_orders(victims: int, attacks: int, pairs: Pairs, seed: int = 0) -> NDArray:
    """`mean_rank_correlation` (ORDERS,) where each victim's attacks are in a random order of their own."""
    return mean_rank_correlation(np.random.default_rng(seed).random((ORDERS, victims, attacks)), pairs)
