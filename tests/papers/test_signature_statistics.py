"""Verdicts of the attack_signatures findings where victims, classes or trainings disagree or chance is large."""

import itertools

import numpy as np
import pytest
from scipy.stats import spearmanr

from tests.handmade import made
from tests.papers.signature_artifacts import job, recognised, saliency_artifact
from workflow_scripts.papers.attack_signatures import (
    attack_order_statistics,
    recognition_statistics,
    saliency_statistics,
)
from workflow_scripts.papers.attack_signatures.attack_order_statistics import (
    correlations_of_random_orders,
    mean_rank_correlation,
)
from workflow_scripts.papers.attack_signatures.recognition_samples import over_trainings
from workflow_scripts.papers.bootstrap import Evidence

ATTACKS = ["pgd", "deepfool", "carlini_wagner_l2", "carlini_wagner_linf", "patch"]
FIVE = {name: [name] for name in ATTACKS}
TWO_DATASETS = {"papers": {"mine": "cifar10", "other": "tiny_imagenet"}}


def victim(tmp_path, name, depths, dataset="mine", spread=0.001, layers=None):
    """The saliency of a victim on which every class has the mean depth that `depths` gives it, on 30 images."""
    generator = np.random.default_rng(len(name))
    samples = {}
    for attack, depth in depths.items():
        samples[f"{attack}_index"] = generator.permutation(30)
        samples[f"{attack}_depth"] = depth + spread * generator.normal(size=30)
        samples[f"{attack}_layers"] = np.tile((layers or {}).get(attack, [1.0, 1.0]), (30, 1))
    folder = tmp_path / name
    folder.mkdir()
    np.savez(folder / "samples.npz", **samples)
    return {"name": "saliency", "dataset": dataset, "victim": name}, made(folder, {})


def test_one_victim_that_contradicts_a_claim_decides(tmp_path):
    """+0.3 on one victim and −0.1 on the other made +0.1, "supported", when victims were pooled."""
    inputs = [
        ({"name": "saliency", "dataset": dataset, "victim": name}, saliency_artifact(tmp_path, name, shift))
        for name, dataset, shift in (("first", "mine", 0.4), ("second", "other", 0.0))
    ]
    found = saliency_statistics.deeper(job(tmp_path, *inputs, **TWO_DATASETS), "pgd", "deepfool")
    assert found.effect == pytest.approx(-0.1, abs=0.01) and found.verdict == "not supported"
    assert found.note == "smallest of 2 of 2 victims: second" and found.samples == 2 * 19


def test_deepfool_is_compared_with_clean_images(tmp_path):
    """Less deep than PGD, but deeper than the clean images: it does not focus on the earlier layers."""
    inputs = [victim(tmp_path, "first", {"clean": 0.50, "deepfool": 0.52, "pgd": 0.6})]
    made_job = job(tmp_path, *inputs)
    assert saliency_statistics.deeper(made_job, "pgd", "deepfool").verdict == "supported"
    found = saliency_statistics.deeper(made_job, "clean", "deepfool")
    assert found.effect == pytest.approx(-0.02, abs=1e-3) and found.verdict == "not supported"


def test_the_most_even_attack_is_more_even_than_every_other(tmp_path):
    """More even than the mean of the others, which holds two very uneven ones, is not the most even."""
    layers = {"carlini_wagner_linf": [2.0, 1.0], "pgd": [1.2, 1.0], "patch": [20.0, 1.0], "deepfool": [20.0, 1.0]}
    classes = {name: [name] for name in layers}
    inputs = [victim(tmp_path, "first", dict.fromkeys(layers, 0.5), layers=layers)]
    found = saliency_statistics.even_over_layers(job(tmp_path, *inputs, classes=classes), "carlini_wagner_linf")
    assert found.effect < 0 and found.verdict == "not supported"


def test_recall_is_compared_with_guessing(tmp_path):
    """Clean images recognised three times of four, less often than the attack, are nonetheless recognised."""
    inputs = [recognised(tmp_path, "a", "image", [1] * 7 + [-1], clean=(0, 0, 0, 1))]
    made_job = job(tmp_path, *inputs)
    better = recognition_statistics.classes_recognised_better(made_job, "cifar10", "image", ["pgd"], ["clean"])
    assert better.effect == pytest.approx(25) and better.upper <= 100
    found = recognition_statistics.recognised_below_chance(made_job, "cifar10", "image", ["clean"])
    assert found.effect == pytest.approx(50 - 75) and found.verdict != "supported"
    assert recognition_statistics.recognised_above_chance(made_job, "cifar10", "image").effect == pytest.approx(25)
    missing = recognition_statistics.recognised_below_chance(made_job, "cifar10", "image", ["jsma"])
    assert missing.verdict == "not measured" and "jsma" in missing.note


def test_reconstruction_has_to_help_every_victim_and_keep_every_ones_accuracy(tmp_path):
    """Right after G, by group: clean and PGD of the first victim, then of the second."""
    after = [1, 1, 1, 0] + [1, 1, 1, 1] + [1, 1, 0, 0] + [0, 0, 0, 0]
    made_job = job(tmp_path, recognised(tmp_path, "a", "redrl", [1] * 8, after=after))
    restored = recognition_statistics.reconstruction_restores(made_job, "cifar10")
    assert restored.effect == pytest.approx(-25), "4 of 4 images more on the first victim, 1 of 4 fewer on the second"
    assert recognition_statistics.reconstruction_keeps(made_job, "cifar10", 1).effect == pytest.approx(-49)


@pytest.mark.parametrize(
    "second, verdict", [([0, 1, 2, 4, 3], "undecided"), ([1, 0, 2, 4, 3], "undecided"), ([0, 1, 2, 3, 4], "supported")]
)
def test_an_order_of_five_attacks_has_to_beat_random_orders(tmp_path, second, verdict):
    """ρ of 0.9 and 0.8 come in 4% and 7% of random orders, however many images there are."""
    orders = {"first": range(5), "second": second}
    inputs = [
        victim(tmp_path, name, {attack: 0.1 * k for attack, k in zip(ATTACKS, order, strict=True)})
        for name, order in orders.items()
    ]
    found = attack_order_statistics.same_order_across_victims(job(tmp_path, *inputs, classes=FIVE))
    assert found.effect == pytest.approx(spearmanr(range(5), second).statistic) and found.verdict == verdict


def test_opposite_orders_are_not_supported_and_several_victims_are_better_evidence(tmp_path):
    depths = {attack: 0.1 * k for k, attack in enumerate(ATTACKS)}
    opposite = {attack: -depth for attack, depth in depths.items()}
    inputs = [victim(tmp_path, "first", depths), victim(tmp_path, "second", opposite)]
    found = attack_order_statistics.same_order_across_victims(job(tmp_path, *inputs, classes=FIVE))
    assert found.effect == pytest.approx(-1) and found.upper <= 0 and found.verdict != "supported"
    assert correlations_of_random_orders(4, 5, list(itertools.combinations(range(4), 2))).std() < 0.3 < 0.5


def test_random_orders_follow_the_exact_distribution():
    exact = [spearmanr(range(5), order).statistic for order in itertools.permutations(range(5))]
    found = correlations_of_random_orders(2, 5, [(0, 1)])
    for at_least in (0.8, 0.9, 1.0):
        share = np.mean([value >= at_least - 1e-9 for value in exact])
        assert np.mean(found >= at_least - 1e-9) == pytest.approx(share, abs=0.01)
    values = np.random.default_rng(0).random((3, 5))
    expected = np.mean([spearmanr(values[a], values[b]).statistic for a, b in ((0, 1), (0, 2), (1, 2))])
    assert mean_rank_correlation(values, [(0, 1), (0, 2), (1, 2)]) == pytest.approx(expected)


@pytest.mark.parametrize("of_images, of_trainings", [(1.0, 0.1), (1.0, 1.0), (0.1, 1.0)])
def test_the_interval_over_images_and_trainings_covers(of_images, of_trainings):
    """Three trainings that share their images: the interval over images alone covers 60% where trainings differ."""
    generator, covered, alone, runs = np.random.default_rng(0), 0, 0, 4000
    for _ in range(runs):
        effects = of_images * generator.normal() + of_trainings * generator.normal(size=3)
        half = 1.96 * of_images
        evidence = Evidence(effects.mean(), effects.mean() - half, effects.mean() + half, 100, 3)
        wider = over_trainings(evidence, effects)
        covered += wider.lower <= 0 <= wider.upper
        alone += evidence.lower <= 0 <= evidence.upper
    assert 0.94 < covered / runs < 0.99
    assert of_trainings < of_images or alone < covered
    assert over_trainings(evidence, effects[:1]) is evidence


def test_several_trainings_are_compared_seed_by_seed(tmp_path):
    """C beats A by 2 of 11 images in one training and by 1 in the other: the interval is wider than the spread."""
    inputs = []
    for seed, (a, c) in enumerate((([1] * 5 + [0, 0, -1], [1] * 7 + [-1]), ([1] * 6 + [0, -1], [1] * 7 + [-1]))):
        for name, found in (("ablation_a", a), ("ablation_c", c)):
            role, artifact = recognised(tmp_path, f"{name}{seed}", name, found)
            inputs.append(({**role, "seed": seed}, artifact))
    found = recognition_statistics.recognised_better(job(tmp_path, *inputs), "cifar10", "ablation_c", "ablation_a")
    assert found.effect == pytest.approx(100 * 1.5 / 11) and found.seeds == 2
    assert found.upper - found.lower > 100 / 11
