"""Classifiers from images in [0, 1] to logits: a network with its normalisation."""

from __future__ import annotations

import importlib
import importlib.util
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from workflow_scripts.models.callables import CallableArchitecture
from workflow_scripts.models.layers import NamedLayers, find_layers


class Classifier(nn.Module):
    """A network and its normalisation; everywhere else images are float32 in [0, 1].

    `forward`: (N, C, H, W) in [0, 1] → logits (N, classes).
    """

    def __init__(
        self,
        network: nn.Module,
        mean: list[float],
        std: list[float],
        *,
        layers: list[str] | None = None,
        image_size: int | None = None,
    ):
        """layers: names of submodules, with wildcards, that the analyses measure; None: those that the network names as
        its `conv_layers`, or else those that `find_layers` finds, for images of `image_size`.
        """
        super().__init__()
        self._patterns, self._image_size = layers, image_size
        self._found: NamedLayers | None = None
        self.network = network
        self.register_buffer("mean", torch.tensor(mean, dtype=torch.float32).view(1, -1, 1, 1))
        self.register_buffer("std", torch.tensor(std, dtype=torch.float32).view(1, -1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        return self.network((x - self.mean) / self.std)

    @property
    def conv_layers(self) -> OrderedDict[str, nn.Module]:
        """Name → module whose output is that layer's feature maps (N, C, H, W), from input to output."""
        return self.layers.maps

    @property
    def layers(self) -> NamedLayers:
        """The layers, and how they were found; LayerError where there are none that can be measured."""
        if self._patterns is None and hasattr(self.network, "conv_layers"):
            return NamedLayers("named", self.network.conv_layers)
        if self._found is None:
            shape = (self.mean.shape[1], self._image_size, self._image_size)
            self._found = find_layers(self.network, shape, self._patterns)
        return self._found


def import_named(folder: str, name: str) -> ModuleType:
    """The project's module `folder`.`name` (`models` or `attacks`), or else the user's own module `name`."""
    own = f"workflow_scripts.{folder}.{name}"
    return importlib.import_module(own if importlib.util.find_spec(own) is not None else name)


def architecture(name: str) -> ModuleType | CallableArchitecture:
    """An architecture by the name that a recipe gives: its module, or what stands for `module:callable`."""
    return CallableArchitecture(name) if ":" in name else import_named("models", name)


def build_network(name: str, parameters: Mapping, *, in_channels: int, classes: int, image_size: int) -> nn.Module:
    """An architecture's untrained network, from normalised images (N, in_channels, H, W) to logits (N, classes)."""
    images = {"in_channels": in_channels, "classes": classes, "image_size": image_size}
    found = architecture(name)
    if isinstance(found, CallableArchitecture):
        return found.build(parameters, **images)
    return found.build(**images, **parameters)


def build_classifier(description: dict) -> Classifier:
    """The untrained classifier that a model's description (a recipe's or a checkpoint's) asks for.

    `description`: architecture, in_channels, classes, image_size, parameters, mean and std (one number per channel);
    optionally layers, as Classifier takes them.
    """
    images = {key: description[key] for key in ("in_channels", "classes", "image_size")}
    network = build_network(description["architecture"], description["parameters"], **images)
    more = {"layers": description.get("layers"), "image_size": description["image_size"]}
    return Classifier(network, description["mean"], description["std"], **more)


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
