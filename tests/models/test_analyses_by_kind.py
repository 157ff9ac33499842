"""Every analysis with every kind of network: what works, with which layers, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from torch import nn

from workflow_scripts.analysis.information.paths import information_paths
from workflow_scripts.analysis.recognition.perception import WithFeatures
from workflow_scripts.analysis.responses.conv_kernels import roughness, spatial_weights
from workflow_scripts.analysis.responses.differences import response_differences
from workflow_scripts.analysis.saliency.filters import filter_counts, filter_saliency
from workflow_scripts.analysis.saliency.input_space import input_saliency
from workflow_scripts.attacks import igsm
from workflow_scripts.models.classifier import Classifier, build_network
from workflow_scripts.models.feature_maps import feature_maps

SIDE, CLASSES = 32, 3


class Block(nn.Module):
    """A transformer block with PyTorch's attention function."""

    def __init__(self, width: int):
        super().__init__()
        self.norm, self.qkv = nn.LayerNorm(width), nn.Linear(width, 3 * width)
        self.dense = nn.Sequential(nn.LayerNorm(width), nn.Linear(width, width), nn.GELU())

    def forward(self, x):
        query, key, value = self.qkv(self.norm(x))[:, None].chunk(3, dim=-1)
        x = x + F.scaled_dot_product_attention(query, key, value)[:, 0]
        return x + self.dense(x)


class Transformer(nn.Module):
    """A class token, patches of 4 × 4 and two blocks."""

    def __init__(self, width: int = 8):
        super().__init__()
        self.embed, self.token = nn.Conv2d(3, width, 4, 4), nn.Parameter(torch.rand(1, 1, width))
        self.blocks, self.head = nn.Sequential(Block(width), Block(width)), nn.Linear(width, CLASSES)

    def forward(self, x):
        tokens = self.embed(x).flatten(2).transpose(1, 2)
        return self.head(self.blocks(torch.cat([self.token.expand(len(x), -1, -1), tokens], 1))[:, 0])


def plain() -> nn.Module:
    layers = (nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.ReLU(inplace=True), nn.MaxPool2d(2))
    more = (nn.Conv2d(4, 6, 3, padding=1), nn.ReLU(), nn.Dropout(0.5), nn.AdaptiveAvgPool2d(1), nn.Flatten())
    return nn.Sequential(*layers, *more, nn.Linear(6, CLASSES))


def torchvision(name: str) -> nn.Module:
    return build_network(f"torchvision:{name}", {}, in_channels=3, classes=CLASSES, image_size=SIDE)


KINDS = {
    "plain": (plain, ["3", "5"]),
    "residual": (lambda: torchvision("resnet18"), ["conv1", "layer1", "layer2", "layer3"]),
    "dense": (lambda: torchvision("densenet121"), ["conv0", *(f"denseblock{n}" for n in range(1, 4))]),
    "transformer": (Transformer, ["blocks.0", "blocks.1"]),
}


@pytest.fixture(scope="module", params=KINDS)
def kind(request) -> tuple[str, Classifier]:
    torch.manual_seed(0)
    made, _ = KINDS[request.param]
    classifier = Classifier(made(), [0.5] * 3, [0.25] * 3, image_size=SIDE)
    return request.param, classifier.eval().requires_grad_(False)


@pytest.fixture(scope="module")
def images() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(1)
    return torch.rand(4, 3, SIDE, SIDE), torch.arange(4) % CLASSES


def test_the_layers_are_those_of_its_kind(kind):
    name, classifier = kind
    assert classifier.layers.kind == name
    assert [each.removeprefix("features.") for each in classifier.conv_layers] == KINDS[name][1]


def test_information_flow(kind, images):
    """Information paths of every layer whose maps have more than one value."""
    name, classifier = kind
    maps, logits = feature_maps(classifier, images[0])
    large = {layer: each[:2, :6].numpy() for layer, each in maps.items() if each.shape[2] > 1}
    assert logits.shape == (4, CLASSES) and len(large) >= 2
    paths = information_paths(large, images[0][:2].numpy())
    for path in (paths.iip, paths.oip):
        assert path.shape == (2, len(large)) and np.isfinite(path).all()


def test_local_responses(kind, images):
    name, classifier = kind
    other = (images[0] + 0.05).clamp(0, 1)
    measured = response_differences(classifier, [(images[0], other)])
    assert [each.removeprefix("features.") for each in measured.layers] == KINDS[name][1]
    assert (measured.maximum > 0).all() and (measured.total >= measured.maximum).all()


def test_kernels(kind):
    """Every convolution larger than 1 × 1; of a transformer that is the embedding of its patches."""
    name, classifier = kind
    weights = spatial_weights({name: value.numpy() for name, value in classifier.state_dict().items()})
    assert len(weights) == {"plain": 2, "residual": 17, "dense": 59, "transformer": 1}[name]
    assert all(np.isfinite(roughness(weight)).all() for weight in weights.values())


def test_saliency_of_filters_and_pixels(kind, images):
    """Each image's gradient alone, whatever the kind; compared with PyTorch's own backward pass."""
    name, classifier = kind
    x, y = images[0][:2], images[1][:2]
    found = filter_saliency(classifier, x, y)
    assert found.shape == (2, sum(filter_counts(classifier).values()))
    weights = [part.weight for part in classifier.modules() if isinstance(part, nn.Conv2d)]
    for weight in weights:
        weight.requires_grad_(True)
    loss = F.cross_entropy(classifier(x[1:2]), y[1:2])
    expected = torch.cat([gradient.abs().mean((1, 2, 3)) for gradient in torch.autograd.grad(loss, weights)])
    for weight in weights:
        weight.requires_grad_(False)
    torch.testing.assert_close(found[1], expected, rtol=1e-3, atol=1e-6)
    if name != "dense":  # as residual ones, and slow
        maps = input_saliency(classifier, x[:1], y[:1], found.mean(0), found.std(0) + 1e-3)
        assert maps.shape == (1, 3, SIDE, SIDE) and maps.isfinite().all()


def test_attacks_and_the_recognisers_own_features(kind, images):
    name, classifier = kind
    x, y = images[0], classifier(images[0]).argmax(1)
    result = igsm.attack(classifier, x, y, epsilon=0.1, alpha=0.02, steps=4)
    assert (result.x_adv - x).abs().max() <= 0.1 + 1e-6 and not torch.equal(result.x_adv, x)
    seeing = WithFeatures(classifier)
    x = x.clone().requires_grad_(True)
    logits, features = seeing(x)
    (gradient,) = torch.autograd.grad(features.sum(), x)
    assert features.ndim == 4 and gradient.abs().sum() > 0 and logits.shape == (4, CLASSES)
