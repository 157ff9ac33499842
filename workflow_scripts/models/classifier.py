"""Classifiers from images in [0, 1] to logits: a network with its normalisation."""

from __future__ import annotations

import importlib
import importlib.util
from collections import OrderedDict
from pathlib import Path
from types import ModuleType

import torch
from safetensors.torch import load_file
from torch import Tensor, nn


class Classifier(nn.Module):
    """A network and its normalisation; everywhere else images are float32 in [0, 1].

    `forward`: (N, C, H, W) in [0, 1] → logits (N, classes).
    """

    def __init__(self, network: nn.Module, mean: list[float], std: list[float]):
        super().__init__()
        self.network = network
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.network((x - self.mean) / self.std)

    @property
    def conv_layers(self) -> OrderedDict[str, nn.Module]:
        """Name → module whose output is that conv layer's feature maps, from input to output."""
        return self.network.conv_layers


def import_named(folder: str, name: str) -> ModuleType:
    """The project's module `folder`.`name` (`models` or `attacks`), or else the user's own module `name`."""
    own = f"workflow_scripts.{folder}.{name}"
    return importlib.import_module(own if importlib.util.find_spec(own) is not None else name)


def architecture(name: str) -> ModuleType:
    """The module of an architecture, by the name that a recipe gives."""
    return import_named("models", name)


def build_classifier(description: dict) -> Classifier:
    """The untrained classifier that a model's description (a recipe's or a checkpoint's) asks for.

    `description`: architecture, in_channels, classes, image_size, parameters, mean and std (one number per channel).
    """
    network = architecture(description["architecture"]).build(
        in_channels=description["in_channels"],
        classes=description["classes"],
        image_size=description["image_size"],
        **description["parameters"],
    )
    return Classifier(network, description["mean"], description["std"])


def load_classifier(description: dict, weights: Path, device: torch.device | str = "cpu") -> Classifier:
    """A trained classifier in evaluation mode with frozen parameters; `weights` is a safetensors file."""
    classifier = build_classifier(description)
    classifier.load_state_dict(load_file(weights))
    return classifier.to(device).eval().requires_grad_(False)


def count_parameters(module: nn.Module, *, running_statistics: bool = False) -> int:
    """Number of trainable parameters; with `running_statistics` also batch norm's means and variances."""
    count = sum(p.numel() for p in module.parameters())
    if running_statistics:
        count += sum(b.numel() for n, b in module.named_buffers() if n.endswith(("running_mean", "running_var")))
    return count
