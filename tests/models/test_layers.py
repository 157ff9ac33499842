"""The layers of networks that nobody named, by kind of network; and names that are right or refused in one line."""

from __future__ import annotations

import copy

import pytest
import torch
from torch import nn

from workflow_scripts.analysis.responses.differences import pair_differences
from workflow_scripts.models.classifier import Classifier, build_classifier, build_network
from workflow_scripts.models.feature_maps import feature_maps
from workflow_scripts.models.layers import LayerError, find_layers, trace_of

SHAPE = (3, 16, 16)


class Block(nn.Module):
    """A transformer block: attention and a dense layer, both residual."""

    def __init__(self, width: int):
        super().__init__()
        self.attention = nn.MultiheadAttention(width, 2, batch_first=True)
        self.dense = nn.Linear(width, width)

    def forward(self, x):
        x = x + self.attention(x, x, x, need_weights=False)[0]
        return x + self.dense(x).relu()


class Transformer(nn.Module):
    """Patches of 4 × 4, tokens before them, three blocks."""

    def __init__(self, classes: int = 5, width: int = 8, prefix: int = 1):
        super().__init__()
        self.embed = nn.Conv2d(3, width, 4, 4)
        self.first = nn.Parameter(torch.rand(1, prefix, width))
        self.blocks = nn.ModuleList(Block(width) for _ in range(3))
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        tokens = self.embed(x).flatten(2).transpose(1, 2)
        tokens = torch.cat([self.first.expand(len(x), -1, -1), tokens], 1)
        for block in self.blocks:
            tokens = block(tokens)
        return self.head(tokens.mean(1))


class Plain(nn.Module):
    """Convolutions with what follows each, a reused activation, in-place arithmetic, and two outputs of a module."""

    def __init__(self):
        super().__init__()
        self.conv1, self.norm1, self.pool = nn.Conv2d(3, 4, 3, padding=1), nn.BatchNorm2d(4), nn.MaxPool2d(2)
        self.conv2, self.drop, self.act = nn.Conv2d(4, 6, 3, padding=1), nn.Dropout(0.5), nn.ReLU()
        self.conv3, self.end = nn.Conv2d(6, 4, 3), nn.AdaptiveAvgPool2d(1)
        self.memory = nn.LSTM(4, 4, batch_first=True)
        self.head = nn.Linear(4, 5)

    def forward(self, x):
        x = self.pool(self.act(self.norm1(self.conv1(x))))
        x = self.drop(self.act(self.conv2(x)))
        x = self.conv3(x)
        x.mul_(2)
        x, _ = self.memory(self.end(x).flatten(1)[:, None])
        return self.head(x[:, 0])


def torchvision(name: str, side: int = 32, channels: int = 3, **parameters) -> nn.Module:
    torch.manual_seed(0)
    return build_network(f"torchvision:{name}", parameters, in_channels=channels, classes=5, image_size=side)


def named(network: nn.Module, side: int = 32) -> tuple[str, list[str]]:
    found = find_layers(network, (3, side, side))
    return found.kind, list(found.maps)


def test_of_a_plain_network_every_convolution_with_what_follows_it():
    assert named(Plain(), 16) == ("plain", ["pool", "conv2"])  # conv3 is overwritten in place by what follows it
    kind, layers = named(torchvision("vgg11_bn"), 64)
    assert (kind, layers) == ("plain", [f"features.{n}" for n in (3, 7, 10, 14, 17, 21, 24, 28)])


def test_of_a_residual_network_the_first_convolution_and_the_stages():
    stages = ["conv1", "layer1", "layer2", "layer3", "layer4"]
    assert named(torchvision("resnet18"), 64) == ("residual", stages)
    assert named(torchvision("resnet18"), 32) == ("residual", stages[:-1])  # whose maps would be 1 × 1
    kind, layers = named(torchvision("mobilenet_v2"), 64)
    assert (kind, layers) == ("residual", [f"features.{n}" for n in range(19)])


def test_of_a_dense_network_the_first_convolution_and_the_blocks():
    kind, layers = named(torchvision("densenet121"), 64)
    assert (kind, layers) == ("dense", ["features.conv0", *(f"features.denseblock{n}" for n in range(1, 5))])


@pytest.mark.parametrize("prefix", [0, 1, 2, 5])
def test_of_a_transformer_the_blocks_as_maps_of_patches(prefix):
    network = Transformer(prefix=prefix).eval()
    classifier = Classifier(network, [0.0] * 3, [1.0] * 3, image_size=16)
    assert classifier.layers.kind == "transformer" and list(classifier.conv_layers) == [f"blocks.{n}" for n in range(3)]
    x, seen = torch.rand(4, *SHAPE), []
    handle = network.blocks[1].register_forward_hook(lambda _module, _inputs, output: seen.append(output))
    maps, logits = feature_maps(classifier, x)
    handle.remove()
    assert maps["blocks.1"].shape == (4, 8, 4, 4)
    torch.testing.assert_close(logits, network(x))
    for row in range(4):
        for column in range(4):
            torch.testing.assert_close(maps["blocks.1"][:, :, row, column], seen[0][:, prefix + 4 * row + column])


def test_torchvisions_transformer():
    network = torchvision("vit_b_16", 32, image_size=32)
    kind, layers = named(network)
    assert kind == "transformer" and layers[0] == "encoder.layers.encoder_layer_0" and len(layers) == 12


def test_names_and_wildcards_choose_layers_in_the_order_of_the_pass():
    network = torchvision("resnet18")
    chosen = ["layer[34].*.conv2", "conv1", "layer?"]
    layers = list(find_layers(network, (3, 32, 32), chosen).maps)
    assert layers == [
        "conv1", "layer1", "layer2", "layer3.0.conv2", "layer3.1.conv2", "layer3", "layer4.0.conv2", "layer4.1.conv2",
        "layer4",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("pattern", "said"),
    [
        ("layer9", "'layer9' matches no submodule; did you mean 'layer[1-4]'"),
        ("*.conv7", r"'\*.conv7' matches no submodule"),
        ("fc", r"'fc' returns a tensor of shape \('N', 5\), which is neither maps"),
        ("layer1.0.relu", "'layer1.0.relu' runs 2 times in a forward pass"),
        ("layer1.0.bn2", "what follows 'layer1.0.bn2' overwrites its output: name the module that follows"),
    ],
)
def test_names_that_are_no_layers_are_refused(pattern, said):
    with pytest.raises(LayerError, match=rf"models.<name>.layers: {said}"):
        find_layers(torchvision("resnet18"), (3, 32, 32), [pattern])


def test_modules_that_do_not_run_return_several_tensors_or_no_maps_are_refused():
    network = Plain()
    network.unused = nn.Conv2d(3, 3, 1)
    for name, said in (("unused", "does not run"), ("memory", "returns no tensor"), ("end", None)):
        if said is None:
            assert list(find_layers(network, SHAPE, [name]).maps) == ["end"]
            continue
        with pytest.raises(LayerError, match=said):
            find_layers(network, SHAPE, [name])
    with pytest.raises(LayerError, match="none are found in the network"):
        find_layers(nn.Sequential(nn.Flatten(), nn.Linear(768, 5)), SHAPE)


def test_looking_changes_neither_modes_nor_statistics():
    network = Plain().train()
    network.norm1.eval()
    before = copy.deepcopy(network.state_dict())
    trace_of(network, SHAPE)
    assert network.training and network.conv1.training and not network.norm1.training
    assert all(torch.equal(tensor, before[name]) for name, tensor in network.state_dict().items())
    assert not any(part._forward_hooks for part in network.modules())


def test_a_copied_network_has_layers_of_its_own():
    classifier = Classifier(Transformer(), [0.0] * 3, [1.0] * 3, image_size=16).eval()
    x = torch.rand(2, *SHAPE)
    before, _ = feature_maps(classifier, x)
    other = copy.deepcopy(classifier)
    torch.nn.init.zeros_(other.network.embed.weight)
    changed, _ = feature_maps(other, x)
    again, _ = feature_maps(classifier, x)
    torch.testing.assert_close(again["blocks.0"], before["blocks.0"])
    assert not torch.allclose(changed["blocks.0"], before["blocks.0"])


def test_responses_are_measured_at_named_layers():
    description = {
        "architecture": "resnet18", "in_channels": 3, "classes": 5, "image_size": 16, "mean": [0.5] * 3,
        "std": [0.5] * 3, "parameters": {"width": 0.125}, "layers": ["layer*.1.conv2"],
    }  # fmt: skip
    classifier = build_classifier(description).eval()
    found, logits = pair_differences(classifier, torch.rand(2, *SHAPE), torch.rand(2, *SHAPE))
    assert list(found) == [f"layer{n}.1.conv2" for n in range(1, 5)] and logits.shape == (2, 2, 5)


def test_torchvisions_networks_take_grey_images_where_a_convolution_is_adapted():
    network = torchvision("resnet18", channels=1)
    assert network.conv1.weight.shape[1] == 1 and network(torch.rand(2, 1, 32, 32)).shape == (2, 5)
