"""Networks of timm, where it is installed."""

import pytest
import torch

from workflow_scripts.configuration.network_callables import callable_mistake
from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()  # which timm imports
pytest.importorskip("timm", reason="timm is not installed")


def description(name: str, **parameters) -> dict:
    images = {"in_channels": 1, "classes": 5, "image_size": 32, "mean": [0.5], "std": [0.5]}
    return {"architecture": f"timm:{name}", "parameters": parameters, **images}


def test_a_residual_network():
    classifier = build_classifier(description("resnet18")).eval()
    assert classifier(torch.rand(2, 1, 32, 32)).shape == (2, 5)
    assert list(classifier.conv_layers) == ["conv1", "layer1", "layer2", "layer3"]  # layer4's maps are 1 × 1


def test_a_transformer_for_small_images():
    classifier = build_classifier(description("vit_tiny_patch16_224", img_size=32, patch_size=4, depth=3)).eval()
    assert classifier(torch.rand(2, 1, 32, 32)).shape == (2, 5)
    assert (classifier.layers.kind, list(classifier.conv_layers)) == ("transformer", [f"blocks.{n}" for n in range(3)])


def test_names_are_known_without_an_import():
    assert callable_mistake("timm:vit_tiny_patch16_224") is None
    assert "did you mean 'resnet18" in callable_mistake("timm:resnet181")
