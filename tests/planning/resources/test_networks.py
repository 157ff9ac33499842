"""The table of what architectures take, against what PyTorch counts."""

from __future__ import annotations

import pytest
import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode

from workflow_scripts.analysis.recognition.networks import Recogniser, Reconstructor
from workflow_scripts.analysis.recognition.perception import BLOCKS
from workflow_scripts.models.classifier import architecture, count_parameters
from workflow_scripts.planning.resources.networks import (
    REFERENCES,
    UNKNOWN,
    Network,
    network,
    perceptual,
    recogniser,
    reconstructor,
)


def counted(module: nn.Module, channels: int, side: int) -> Network:
    """What one image takes: PyTorch's counter of operations, and hooks on every elementary layer."""
    elements = [0]

    def note(_module, _inputs, output):
        elements[0] += output.numel()

    for part in module.modules():
        if not list(part.children()):
            part.register_forward_hook(note)
    with torch.device("meta"), FlopCounterMode(display=False) as counter:
        module.eval()(torch.zeros(1, channels, side, side, device="meta"))
    return Network(counter.get_total_flops(), count_parameters(module), elements[0])


def built(name: str, side: int, **parameters) -> Network:
    with torch.device("meta"):
        module = architecture(name).build(in_channels=3, classes=10, image_size=side, **parameters)
    return counted(module, 3, side)


def assert_close(estimate: Network, real: Network, factor: float):
    for quantity in ("flops", "parameters", "elements"):
        ratio = getattr(estimate, quantity) / getattr(real, quantity)
        assert 1 / factor <= ratio <= factor, (quantity, ratio)


@pytest.mark.parametrize(("name", "stem"), REFERENCES)
def test_references_are_what_pytorch_counts(name: str, stem: bool):
    side = REFERENCES[name, stem].side
    more = {"cifar_stem": True} if stem else {}
    assert_close(network(name, more, side), built(name, side, **more), 1.001)


SMALL = [
    ("good_init", 16, {"width": 0.25}),
    ("deep_conv", 32, {"width": 0.25}),
    ("vgg_like", 32, {"width": 0.125}),
    ("resnet18", 32, {"width": 0.125}),
    *[
        (name, 32, {"width": 0.25, "depth": 0.5, "cifar_stem": True})
        for name in ("resnet50", "resnext50_32x4d", "densenet121", "vgg19_bn")
    ],
    ("resnet50", 16, {"width": 0.125, "depth": 0.25, "cifar_stem": True}),
]


@pytest.mark.parametrize(("name", "side", "build"), SMALL)
def test_reduced_networks_are_estimated_within_a_factor_of_two(name: str, side: int, build: dict):
    assert_close(network(name, build, side), built(name, side, **build), 2)


def test_the_recognisers_networks():
    from torchvision.models.vgg import make_layers

    with torch.device("meta"):
        first, second = Recogniser(6, 6), Recogniser(6, 6, width=0.5, small_stem=True)
        g, features = Reconstructor(3, 64, 23), make_layers(BLOCKS, batch_norm=False)
    assert_close(recogniser(1, False, 64), counted(first, 6, 64), 1.001)
    assert_close(recogniser(0.5, True, 32), counted(second, 6, 32), 1.1)
    assert_close(reconstructor(64, 23, 3, 64), counted(g, 3, 64), 1.01)
    assert_close(perceptual(64), counted(features, 3, 64), 1.001)


def test_a_module_of_ones_own_may_say_what_it_takes(tmp_path, monkeypatch):
    from workflow_scripts.configuration import modules as config_modules

    (tmp_path / "workflow_scripts/models").mkdir(parents=True)
    monkeypatch.setattr(config_modules, "ROOT", tmp_path)
    said = tmp_path / "workflow_scripts/models/said.py"
    said.write_text('WORK = {"side": 16, "flops": 1e6, "parameters": 1e4, "elements": 1e3}\n')
    (tmp_path / "workflow_scripts/models/silent.py").write_text("")
    assert network("said", {"width": 2}, 32) == Network(16e6, 4e4, 8e3)
    assert network("silent", {"depth": 50}, UNKNOWN.side).flops == UNKNOWN.flops
