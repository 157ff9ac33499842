"""What the paper's claims about saliency profiles rest on: effects that are positive for the claim."""

from __future__ import annotations

import itertools

import numpy as np
from numpy.typing import NDArray
from scipy.stats import spearmanr

from workflow_scripts.analysis.saliency.comparison import paired_permutation_test
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.attack_signatures.rows import attack_classes, papers_of
from workflow_scripts.papers.evidence import FEWEST, Evidence, bootstrap, missing

NO_CLASS = "one of the classes is not there, or no victim has two images that both attacks turned"


def victims(inputs: Inputs) -> list[RoleArtifact]:
    """The saliency of every victim on every data set."""
    return inputs.all(measured="saliency")


def samples(item: RoleArtifact) -> dict[str, NDArray]:
    with np.load(item.artifact.file("samples.npz")) as content:
        return dict(content)


def common(known: dict[str, NDArray], key: str, first: str, second: str) -> list[NDArray] | None:
    """`key` of the images that both attacks turned, one array an attack in the images' order; None with too few."""
    if f"{first}_index" not in known or f"{second}_index" not in known:
        return None
    both, a, b = np.intersect1d(known[f"{first}_index"], known[f"{second}_index"], return_indices=True)
    return [known[f"{first}_{key}"][a], known[f"{second}_{key}"][b]] if len(both) >= FEWEST else None


def paired_over_victims(inputs: Inputs, key: str, first: str, second: str, statistic) -> Evidence:
    """A paired statistic of two attacks, averaged over all victims on which both turned images."""
    groups = [pair for item in victims(inputs) if (pair := common(samples(item), key, first, second)) is not None]
    return bootstrap(groups, statistic, paired=True) if groups else missing(NO_CLASS)


def deeper(inputs: Inputs, deep: str, shallow: str) -> Evidence:
    """Centre of depth (0 first layer … 1 last) under the attack `deep` minus under `shallow`, on the same images."""
    return paired_over_victims(inputs, "depth", deep, shallow, lambda a, b: (a - b).mean())


def even_over_layers(inputs: Inputs, even: str) -> Evidence:
    """How evenly the attack's salience spreads over the layers (normalised entropy), minus the other attacks' mean."""
    others = [name for name in attack_classes(inputs) if name != even]
    groups = []
    for item in victims(inputs):
        known = samples(item)
        layers = [known.get(f"{name}_layers", np.zeros((0, 1))) for name in (even, *others)]
        layers = [group for group in layers if len(group) >= FEWEST]
        if len(known.get(f"{even}_layers", ())) >= FEWEST and len(layers) > 1:
            groups.append(layers)
    if not groups:
        return missing(NO_CLASS)
    return bootstrap(
        groups, lambda own, *rest: evenness(own.mean(0)) - np.mean([evenness(group.mean(0)) for group in rest])
    )


def evenness(by_layer: NDArray) -> float:
    """Entropy of the layers' shares of salience (L,) over log L: 1 where all layers have the same."""
    shares = by_layer / by_layer.sum()
    return float(-(shares * np.log(np.maximum(shares, 1e-300))).sum() / np.log(len(shares)))


def profiles_differ(inputs: Inputs, paper: str) -> Evidence:
    """How far the least different pair of attacks is beyond chance: distance over the swapped distances − 1.

    The interval is that of the swaps: its lower end is above zero where the distance exceeds 97.5% of them. Classes
    that share fewer than two turned images cannot be compared; clean images are no attack.
    """
    datasets = [name for name, given in papers_of(inputs).items() if given == paper]
    items = [item for name in datasets for item in inputs.all(dataset=name, measured="saliency")]
    attacks = set(attack_classes(inputs))
    compared = [
        row
        for item in items
        for row in item.artifact.metrics["comparisons"]
        if {row["first"], row["second"]} <= attacks and "distance" in row
    ]
    if not compared:
        return missing("no two attacks turned the same images")
    least = min(compared, key=lambda row: row["excess"][1])
    effect, lower, upper = least["excess"]
    note = f"least different of {len(compared)} pairs: {least['first']} and {least['second']}, p {least['p_value']:.3f}"
    return Evidence(effect, lower, upper, samples=sum(row["pairs"] for row in compared), seeds=len(items), note=note)


def magnitudes_differ(inputs: Inputs, attacks: list[str]) -> Evidence:
    """As `profiles_differ`, of the mean salience alone: the least different pair of the attacks, on any victim."""
    results = []
    for item in victims(inputs):
        known = samples(item)
        for first, second in itertools.combinations(attacks, 2):
            pair = common(known, "salience", first, second)
            if pair is not None:
                results.append(paired_permutation_test([(pair[0][:, None], pair[1][:, None])], 999, 0))
    if not results:
        return missing(NO_CLASS)
    least = min(results, key=lambda result: result.excess[1])
    return Evidence(*least.excess, samples=sum(result.pairs for result in results), seeds=len(victims(inputs)))


def depths(item: RoleArtifact, attacks: list[str]) -> list[NDArray] | None:
    known = samples(item)
    found = [known[f"{name}_depth"] for name in attacks]
    return found if all(len(values) >= FEWEST for values in found) else None


def same_order_across_victims(inputs: Inputs) -> Evidence:
    """Spearman correlation of the attacks' mean depths between two victims of one data set, mean over all pairs."""
    attacks = list(attack_classes(inputs))
    groups = []
    for dataset in papers_of(inputs):
        known = [d for item in inputs.all(dataset=dataset, measured="saliency") if (d := depths(item, attacks))]
        groups += [[*a, *b] for a, b in itertools.combinations(known, 2)]
    return rank_correlation(groups, len(attacks), "no two victims on which every attack turned images")


def same_order_across_datasets(inputs: Inputs) -> Evidence:
    """Spearman correlation of the attacks' mean depths between one architecture's victims on two data sets."""
    attacks = list(attack_classes(inputs))
    groups = []
    for a, b in itertools.combinations(victims(inputs), 2):
        architectures = {inputs.parameters["architectures"][item.role["victim"]] for item in (a, b)}
        if len(architectures) == 1 and a.role["dataset"] != b.role["dataset"]:
            known = [depths(item, attacks) for item in (a, b)]
            groups += [[*known[0], *known[1]]] if all(known) else []
    return rank_correlation(
        groups, len(attacks), "no architecture on two data sets on which every attack turned images"
    )


def rank_correlation(groups: list[list[NDArray]], attacks: int, otherwise: str) -> Evidence:
    """Mean Spearman correlation over pairs of victims: the first `attacks` arrays are one's, the rest the other's."""
    if not groups or attacks < 3:
        return missing(otherwise if attacks >= 3 else "an order needs three attacks")

    def correlation(*means: NDArray) -> float:
        values = [group.mean() for group in means]
        return float(spearmanr(values[:attacks], values[attacks:]).statistic)

    return bootstrap(groups, correlation, resamples=300)
