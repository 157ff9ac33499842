"""Published parameter counts, and what the named layers deliver."""

import pytest
import torch

from workflow_scripts.models.classifier import build_classifier, count_parameters
from workflow_scripts.models.describe import describe_layers
from workflow_scripts.models.feature_maps import feature_maps
from workflow_scripts.models.initialise import initialise, output_variance

ARCHITECTURES = ("good_init", "deep_conv", "vgg_like", "resnet18")


def description(architecture, *, channels=3, size=32, **parameters):
    return {
        "architecture": architecture,
        "in_channels": channels,
        "classes": 10,
        "image_size": size,
        "parameters": parameters,
        "mean": [0.5] * channels,
        "std": [0.5] * channels,
    }


@pytest.mark.parametrize(
    ("architecture", "trainable", "with_statistics"),
    [
        ("good_init", 1_071_542, 1_071_542),
        ("deep_conv", 2_915_114, 2_915_114),
        ("vgg_like", 14_991_946, 15_001_418),
        ("resnet18", 11_173_962, 11_183_562),
    ],
)
def test_parameter_counts_are_the_published_ones(architecture, trainable, with_statistics):
    network = build_classifier(description(architecture)).network
    assert count_parameters(network) == trainable
    assert count_parameters(network, running_statistics=True) == with_statistics


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_a_width_multiplier_makes_a_smaller_network_that_runs(architecture):
    small = build_classifier(description(architecture, channels=1, width=0.125)).eval()
    assert small(torch.rand(2, 1, 32, 32)).shape == (2, 10)
    assert count_parameters(small) < 0.05 * count_parameters(build_classifier(description(architecture)))


def test_table_10_lists_the_published_layers():
    classifier = build_classifier(description("good_init"))
    layers = describe_layers(classifier, torch.zeros(1, 3, 32, 32, dtype=torch.uint8))
    published = [
        896,
        9248,
        9248,
        13872,
        20784,
        0,
        0,
        34640,
        *[57680] * 4,
        0,
        0,
        92288,
        *[147584] * 4,
        0,
        0,
        64500,
        0,
        5010,
    ]
    assert [layer["parameters"] for layer in layers] == published
    assert layers[0]["kind"] == "Conv2D: 3×3, 32, relu"
    assert layers[5]["output"] == [48, 16, 16]


def test_conv_layers_of_good_init_end_before_the_global_pooling():
    classifier = build_classifier(description("good_init")).eval()
    maps, logits = feature_maps(classifier, torch.rand(2, 3, 32, 32))
    shapes = [tuple(m.shape[1:]) for m in maps.values()]
    assert list(maps) == [f"conv{k}" for k in range(1, 16)]
    assert shapes == [
        *[(32, 32, 32)] * 3, (48, 32, 32), (48, 16, 16), *[(80, 16, 16)] * 4, (80, 8, 8), *[(128, 8, 8)] * 5
    ]  # fmt: skip
    assert logits.shape == (2, 10)
    assert all(m.min() >= 0 for m in maps.values())


@pytest.mark.parametrize(("size", "last"), [(32, 2), (64, 2), (96, 3)])
def test_last_maps_of_vgg_like_hold_more_than_one_value(size, last):
    about = {**description("vgg_like"), "image_size": size, "parameters": {"width": 0.125}}
    maps, _ = feature_maps(build_classifier(about).eval(), torch.rand(2, 3, size, size))
    assert maps["conv13"].shape == (2, 64, last, last)
    assert maps["conv12"].shape[2:] == (size // 16, size // 16)


def test_layers_of_resnet18_have_the_published_sizes():
    classifier = build_classifier(description("resnet18")).eval()
    maps, _ = feature_maps(classifier, torch.rand(1, 3, 32, 32))
    assert {name: tuple(m.shape[1:]) for name, m in maps.items()} == {
        "conv1": (64, 32, 32),
        "layer0": (64, 32, 32),
        "layer1": (64, 32, 32),
        "layer2": (128, 16, 16),
        "layer3": (256, 8, 8),
        "layer4": (512, 4, 4),
    }


def test_layer_sequential_unit_variance_leaves_every_layer_with_variance_one():
    torch.manual_seed(0)
    network = build_classifier(description("good_init", width=0.5)).network
    images = torch.randn(64, 3, 32, 32)
    initialise(network, "lsuv", images)
    network.eval()
    weighted = [m for m in network.modules() if isinstance(m, torch.nn.Conv2d | torch.nn.Linear)]
    variances = [output_variance(network, part, images) for part in weighted]
    assert len(variances) == 17
    assert all(abs(v - 1) < 0.02 for v in variances)


def test_the_wrapper_normalises():
    classifier = build_classifier(description("good_init", width=0.125)).eval()
    x = torch.rand(2, 3, 32, 32)
    assert torch.equal(classifier(x), classifier.network(x * 2 - 1))
