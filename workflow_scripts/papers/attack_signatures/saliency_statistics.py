"""Statistics of the claims about saliency profiles; an effect is positive where it supports the claim.

A claim about an attack's profiles has to hold for every victim: its effect is that of the victim that supports it
least. Attacks are compared on the images that all of them turned.
"""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.saliency.comparison import paired_permutation_test
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import attack_classes, paper_datasets
from workflow_scripts.papers.attack_signatures.saliency_samples import (
    common_images,
    of_all_victims,
    smallest_over_victims,
)
from workflow_scripts.papers.bootstrap import Evidence, not_measured

TOO_FEW_IMAGES = "the study lacks one of the classes, or on no victim are the same two images turned by all the attacks"


def deeper(inputs: Inputs, deep: str, shallow: str) -> Evidence:
    """Depth centroid (0: first layer, 1: last layer) of the class `deep` minus of `shallow`: smallest over victims.

    Either class can be `clean`: the same images before the attack.
    """
    measured = of_all_victims(inputs, "depth", [deep, shallow])
    victims = len(inputs.all(name="saliency"))
    return smallest_over_victims(measured, lambda a, b: (a - b).mean(), victims, TOO_FEW_IMAGES)


def even_over_layers(inputs: Inputs, even: str) -> Evidence:
    """Evenness of an attack's salience over layers minus the largest of the other attacks': smallest over victims."""
    others = [name for name in attack_classes(inputs) if name != even]
    measured = of_all_victims(inputs, "layers", [even, *others]) if others else []

    def excess(own: NDArray, *rest: NDArray) -> float:
        return evenness(own.mean(0)) - max(evenness(group.mean(0)) for group in rest)

    return smallest_over_victims(measured, excess, len(inputs.all(name="saliency")), TOO_FEW_IMAGES)


def evenness(by_layer: NDArray) -> float:
    """Entropy of the layers' shares of salience, divided by log L: 1 where all layers have the same; by_layer: (L,)."""
    shares = by_layer / by_layer.sum()
    return float(-(shares * np.log(np.maximum(shares, 1e-300))).sum() / np.log(len(shares)))


def profiles_differ(inputs: Inputs, paper: str) -> Evidence:
    """How far the least different pair of attacks exceeds chance: its distance over the mean swapped distance, minus 1.

    The interval is that of the swaps: its lower end is above zero where the distance exceeds 97.5% of them. Clean
    images, and pairs with fewer than two common images, are left out.
    """
    datasets = [name for name, in_paper in paper_datasets(inputs).items() if in_paper == paper]
    items = [item for name in datasets for item in inputs.all(name="saliency", dataset=name)]
    attacks = set(attack_classes(inputs))
    compared = [
        (row, item.role["victim"])
        for item in items
        for row in item.artifact.metrics["comparisons"]
        if {row["first"], row["second"]} <= attacks and "distance" in row
    ]
    if not compared:
        return not_measured("no two attacks cause the misclassification of the same images")
    least, victim = min(compared, key=lambda pair: pair[0]["excess"][1])
    note = f"least different of {len(compared)} pairs: {least['first']} and {least['second']} on {victim}, "
    return Evidence(*least["excess"], samples=least["pairs"], note=f"{note}p {least['p_value']:.3f}")


def magnitudes_differ(inputs: Inputs, attacks: list[str]) -> Evidence:
    """As `profiles_differ`, for the mean salience: the least different pair of the attacks, on any victim."""
    results = []
    for item in inputs.all(name="saliency"):
        for pair in itertools.combinations(attacks, 2):
            common = common_images(inputs, item, "salience", pair)
            if common is not None:
                first, second = (group[:, None] for group in common.groups)
                results.append((paired_permutation_test([(first, second)], 999, 0), *pair, common.victim))
    if not results:
        return not_measured(TOO_FEW_IMAGES)
    least, first, second, victim = min(results, key=lambda found: found[0].excess[1])
    note = f"least different of {len(results)} pairs: {first} and {second} on {victim}, p {least.p_value:.3f}"
    return Evidence(*least.excess, samples=least.pairs, note=note)
