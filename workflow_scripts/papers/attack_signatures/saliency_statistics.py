"""Statistics of the claims about saliency profiles; an effect is positive where it supports the claim."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from workflow_scripts.analysis.saliency.comparison import paired_permutation_test
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.classes_and_victims import attack_classes, paper_datasets
from workflow_scripts.papers.attack_signatures.saliency_samples import read_samples
from workflow_scripts.papers.bootstrap import MIN_INPUTS, Evidence, bootstrap, not_measured

TOO_FEW_IMAGES = (
    "the study lacks one of the classes, or on no victim do both attacks cause the misclassification of the same two "
    "images"
)


def saliency_of_victims(inputs: Inputs, **role) -> list[RoleArtifact]:
    """The saliency of every victim (of one data set, say)."""
    return inputs.all(name="saliency", **role)


def common_images(samples: dict[str, NDArray], key: str, first: str, second: str) -> list[NDArray] | None:
    """`key` of the images misclassified only after the attack, for both attacks: one array per attack, in one order.

    None with fewer than MIN_INPUTS such images.
    """
    if f"{first}_index" not in samples or f"{second}_index" not in samples:
        return None
    both, a, b = np.intersect1d(samples[f"{first}_index"], samples[f"{second}_index"], return_indices=True)
    return [samples[f"{first}_{key}"][a], samples[f"{second}_{key}"][b]] if len(both) >= MIN_INPUTS else None


def paired_over_victims(inputs: Inputs, key: str, first: str, second: str, statistic) -> Evidence:
    """A paired statistic of two attacks over their common images, averaged over all victims that have some."""
    pairs = [common_images(read_samples(item), key, first, second) for item in saliency_of_victims(inputs)]
    pairs = [pair for pair in pairs if pair is not None]
    return bootstrap(pairs, statistic, paired=True) if pairs else not_measured(TOO_FEW_IMAGES)


def deeper(inputs: Inputs, deep: str, shallow: str) -> Evidence:
    """Depth centroid (0: first layer, 1: last layer) under the attack `deep` minus under `shallow`, same images."""
    return paired_over_victims(inputs, "depth", deep, shallow, lambda a, b: (a - b).mean())


def even_over_layers(inputs: Inputs, even: str) -> Evidence:
    """Evenness of an attack's salience over the layers (normalised entropy), minus the mean of the other attacks."""
    others = [name for name in attack_classes(inputs) if name != even]
    groups = []
    for item in saliency_of_victims(inputs):
        samples = read_samples(item)
        layers = [samples.get(f"{name}_layers", np.zeros((0, 1))) for name in (even, *others)]
        layers = [group for group in layers if len(group) >= MIN_INPUTS]
        if len(samples.get(f"{even}_layers", ())) >= MIN_INPUTS and len(layers) > 1:
            groups.append(layers)
    if not groups:
        return not_measured(TOO_FEW_IMAGES)
    return bootstrap(
        groups, lambda own, *rest: evenness(own.mean(0)) - np.mean([evenness(group.mean(0)) for group in rest])
    )


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
    items = [item for name in datasets for item in saliency_of_victims(inputs, dataset=name)]
    attacks = set(attack_classes(inputs))
    compared = [
        row
        for item in items
        for row in item.artifact.metrics["comparisons"]
        if {row["first"], row["second"]} <= attacks and "distance" in row
    ]
    if not compared:
        return not_measured("no two attacks cause the misclassification of the same images")
    least = min(compared, key=lambda row: row["excess"][1])
    effect, lower, upper = least["excess"]
    note = f"least different of {len(compared)} pairs: {least['first']} and {least['second']}, p {least['p_value']:.3f}"
    return Evidence(effect, lower, upper, samples=sum(row["pairs"] for row in compared), seeds=len(items), note=note)


def magnitudes_differ(inputs: Inputs, attacks: list[str]) -> Evidence:
    """As `profiles_differ`, for the mean salience: the least different pair of the attacks, on any victim."""
    results = []
    for item in saliency_of_victims(inputs):
        samples = read_samples(item)
        for first, second in itertools.combinations(attacks, 2):
            pair = common_images(samples, "salience", first, second)
            if pair is not None:
                results.append(paired_permutation_test([(pair[0][:, None], pair[1][:, None])], 999, 0))
    if not results:
        return not_measured(TOO_FEW_IMAGES)
    least = min(results, key=lambda result: result.excess[1])
    return Evidence(
        *least.excess, samples=sum(result.pairs for result in results), seeds=len(saliency_of_victims(inputs))
    )


def depths_by_attack(item: RoleArtifact, attacks: list[str]) -> list[NDArray] | None:
    """The depth centroids of each attack's images; None where an attack has fewer than MIN_INPUTS images."""
    samples = read_samples(item)
    depths = [samples[f"{name}_depth"] for name in attacks]
    return depths if all(len(values) >= MIN_INPUTS for values in depths) else None


def same_order_across_victims(inputs: Inputs) -> Evidence:
    """Spearman correlation of the attacks' mean depths between two victims of a data set, mean over all pairs."""
    attacks = list(attack_classes(inputs))
    groups = []
    for dataset in paper_datasets(inputs):
        by_victim = [depths_by_attack(item, attacks) for item in saliency_of_victims(inputs, dataset=dataset)]
        groups += [[*a, *b] for a, b in itertools.combinations(filter(None, by_victim), 2)]
    return rank_correlation(groups, len(attacks), "no two victims on which every attack causes misclassifications")


def same_order_across_datasets(inputs: Inputs) -> Evidence:
    """Spearman correlation of the attacks' mean depths between victims of one architecture on two data sets."""
    attacks = list(attack_classes(inputs))
    groups = []
    for a, b in itertools.combinations(saliency_of_victims(inputs), 2):
        architectures = {inputs.parameters["architectures"][item.role["victim"]] for item in (a, b)}
        if len(architectures) == 1 and a.role["dataset"] != b.role["dataset"]:
            first, second = (depths_by_attack(item, attacks) for item in (a, b))
            groups += [[*first, *second]] if first and second else []
    otherwise = "no architecture on two data sets on which every attack causes misclassifications"
    return rank_correlation(groups, len(attacks), otherwise)


def rank_correlation(groups: list[list[NDArray]], attacks: int, otherwise: str) -> Evidence:
    """Mean Spearman correlation over pairs of victims.

    groups: for each pair one array per attack for the first victim, then for the second. attacks: their number.
    otherwise: why nothing is measured where there is no pair.
    """
    if not groups or attacks < 3:
        return not_measured(otherwise if attacks >= 3 else "an order needs three attacks")

    def correlation(*means: NDArray) -> float:
        values = [group.mean() for group in means]
        return float(spearmanr(values[:attacks], values[attacks:]).statistic)

    return bootstrap(groups, correlation, resamples=300)
