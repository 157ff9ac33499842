"""Each analysis as in a notebook: public names on arrays and tensors, without artifacts or paths."""

import ast
import importlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from workflow_scripts.models.classifier import Classifier, build_classifier
from workflow_scripts.models.feature_maps import feature_maps

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("comparison", "information", "recognition", "responses", "saliency", "spectrum")


@pytest.fixture(scope="module")
def classifier():
    torch.manual_seed(0)
    description = {"architecture": "resnet18", "in_channels": 3, "classes": 10, "image_size": 16}
    return build_classifier({**description, "parameters": {"width": 0.125}, "mean": [0.5], "std": [0.5]}).eval()


@pytest.fixture(scope="module")
def pair():
    """Eight images and slightly moved ones."""
    generator = torch.Generator().manual_seed(1)
    x = torch.rand(8, 3, 16, 16, generator=generator)
    return x, (x + 0.1 * torch.randn(x.shape, generator=generator).sign()).clamp(0, 1)


def test_information(classifier, pair):
    from workflow_scripts.analysis.information import (
        aggregate_paths,
        chance_corrected_paths,
        expected_mutual_information,
        information_paths,
        mutual_information,
        path_distance,
    )

    x, x_adv = pair
    maps, _ = feature_maps(classifier, x)
    layer = maps["layer1"][0]
    shared = mutual_information(layer, x[0]) - expected_mutual_information(layer, x[0])
    assert shared.shape == (8, 3)
    clean = information_paths(maps, x)
    attacked = information_paths(feature_maps(classifier, x_adv)[0], x_adv)
    assert clean.iip.shape == (8, len(maps)) and path_distance(clean.oip, attacked.oip).shape == (8,)
    assert aggregate_paths(clean.iip).mean.shape == (len(maps),)
    beyond_chance = chance_corrected_paths(maps, x).corrected
    assert (beyond_chance.iip < clean.iip).all()


def test_responses(classifier, pair):
    from workflow_scripts.analysis.responses import neighbour_correlation, response_differences, roughness

    x, x_adv = pair
    differences = response_differences(classifier, [(x, x_adv)])
    assert differences.layers[0] == "conv1" and (differences.maximum <= differences.total).all()
    assert abs(neighbour_correlation((x_adv - x).numpy()).mean()) < 0.1  # random signs
    assert roughness(classifier.network.conv1.weight.detach().numpy()).shape == (8,)


def test_spectrum(classifier, pair):
    from workflow_scripts.analysis.spectrum import (
        filtered_correctness,
        high_pass,
        log_amplitudes,
        low_pass,
        radial_average,
    )

    x, x_adv = pair
    torch.testing.assert_close(low_pass(x, 4) + high_pass(x, 4), x)
    profile = radial_average(log_amplitudes(x.numpy()))
    assert profile.shape == (8, 12) and profile[:, 0].mean() > profile[:, 5].mean()
    correct = filtered_correctness(classifier, [(x, x_adv, classifier(x).argmax(1))], radii=[2, 12])
    assert correct["low_natural"].shape == (2, 8) and correct["low_natural"][1].all()


def test_saliency(classifier, pair):
    from workflow_scripts.analysis.saliency import (
        Moments,
        depth_centroid,
        filter_counts,
        filter_saliency,
        floored_deviation,
        heat_map,
        input_saliency,
        layer_means,
        sorted_within_layers,
        standardised,
    )

    x, x_adv = pair
    y = classifier(x).argmax(1)
    moments = Moments()
    moments.update(filter_saliency(classifier, x, y).numpy())
    saliency = filter_saliency(classifier, x_adv, y).numpy()
    counts = list(filter_counts(classifier).values())
    floored, _ = floored_deviation(moments.deviation, counts)
    scores = standardised(saliency, moments.mean, floored, signed=False)
    profile = sorted_within_layers(scores, counts).mean(0)
    assert profile.shape == (sum(counts),)
    depth = depth_centroid(layer_means(scores, counts))
    assert (depth >= 0).all() and (depth <= 1).all()
    mean, deviation = (torch.from_numpy(values).float() for values in (moments.mean, floored))
    pixels = input_saliency(classifier, x_adv[:2], y[:2], mean, deviation)
    assert pixels.shape == (2, 3, 16, 16) and heat_map(pixels).shape == (2, 16, 16)


def test_recognition():
    """A recogniser that sees δ tells bright perturbations from dark ones and from none."""
    from workflow_scripts.analysis.recognition import (
        GroupRows,
        ImageGroup,
        ImageSets,
        LossNetworks,
        NetworkSizes,
        Pipeline,
        RecogniserHyperparameters,
        RecogniserTrainer,
        WithFeatures,
        clean_group,
        confusion,
        evaluate_group,
        micro_average,
    )

    class Linear(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(1, 2, 3)
            self.conv_layers = {"conv": self.conv}

        def forward(self, x):
            return self.conv(x).mean((2, 3))

    torch.manual_seed(0)
    victim = Classifier(Linear(), [0.5], [0.5]).eval().requires_grad_(False)
    images = np.random.default_rng(0).integers(80, 176, (32, 1, 8, 8), dtype=np.uint8)
    prediction = victim(torch.from_numpy(images).float() / 255).argmax(1).numpy()
    rows = GroupRows(np.arange(32), prediction, prediction, np.ones(32, bool))
    moved = {"bright": images + np.uint8(64), "dark": images - np.uint8(64)}
    groups = [ImageGroup(name, 0, name, rows, x_adv) for name, x_adv in moved.items()]
    sets = ImageSets([clean_group(groups[0]), *groups], images, ("clean", *moved))
    pipeline = Pipeline("perturbation", 1, 3, NetworkSizes(width=1 / 16, small_stem=True))
    hyper = RecogniserHyperparameters(
        epochs=1, steps_per_epoch=40, batch_size=24, learning_rate=1e-2, warmup_epochs=0, milestones=()
    )
    for _ in RecogniserTrainer(pipeline, hyper, sets, LossNetworks([WithFeatures(victim)]), seed=0).steps():
        pass
    results = [evaluate_group(pipeline, sets, number, victim) for number in range(3)]
    assert confusion(results, sets).sum() == 96 and micro_average(confusion(results, sets)) > 0.9


def test_comparison():
    from workflow_scripts.analysis.comparison import (
        Measures,
        average_linkage,
        best_distances,
        classical_scaling,
        fingerprint,
        fingerprint_distances,
        in_deviations,
        local_optimality,
        permanova,
        split_half_deviation,
    )

    def measured(seed):
        rng = np.random.default_rng(seed)
        return Measures(*(rng.random((20, layers)) + 0.1 for layers in (3, 3, 5, 5, 7, 7, 8)))

    both = [measured(seed) for seed in range(4)]
    vectors = np.stack([fingerprint(each) for each in both])
    scaled = in_deviations(vectors, np.stack([split_half_deviation(each) for each in both]))
    distances = fingerprint_distances(scaled)
    assert average_linkage(distances).shape == (3, 4) and classical_scaling(distances)[0].shape == (4, 2)
    assert 0 < permanova(distances, {"model": ["a", "a", "b", "b"]}, 9)["model"].r_squared < 1
    needed = np.array([[1.0, 2], [3.0, 1]])
    best = best_distances(needed)
    assert local_optimality(needed[1], best, 3.0) < 1


@pytest.mark.parametrize("name", PACKAGES)
def test_public_names_are_there_and_documented(name):
    package = importlib.import_module(f"workflow_scripts.analysis.{name}")
    assert package.__doc__ and len(set(package.__all__)) == len(package.__all__)
    for public in package.__all__:
        assert getattr(package, public).__doc__, public
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        _ = package.missing


def test_importing_the_packages_is_light():
    names = ", ".join(f"workflow_scripts.analysis.{name}" for name in PACKAGES)
    code = f"import sys, {names}; print({{'torch', 'numba', 'gpytorch', 'scipy', 'h5py'}} & set(sys.modules))"
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True)
    assert done.stdout.strip() == "set()", done.stderr


def test_the_workflow_imports_from_the_modules():
    """A recipe's fingerprint follows import statements to modules, and would miss what a package imports lazily."""
    lazy = {}
    for name in PACKAGES:
        package = importlib.import_module(f"workflow_scripts.analysis.{name}")
        lazy[package.__name__] = set(package._MODULES)
    assert "low_pass" in lazy["workflow_scripts.analysis.spectrum"]
    for path in (ROOT / "workflow_scripts").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module in lazy:
                assert not {alias.name for alias in node.names} & lazy[node.module], path
