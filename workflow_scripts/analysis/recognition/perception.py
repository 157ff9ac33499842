"""The feature extractor F of REDRL's feature loss: VGG16's third block, or the victim's own features."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from workflow_scripts.models.classifier import Classifier
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()

from torchvision.models.vgg import make_layers  # noqa: E402 - torchvision needs its operators declared

IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
BLOCKS = [64, 64, "M", 128, 128, "M", 256, 256, 256]
"""VGG16 up to the last ReLU of its third block, relu3_3."""
VGG16, OWN = "VGG16's third block", "the victims' own features"
"""What F is, as a recogniser's metrics say it."""


class Vgg16Features(nn.Module):
    """Images (N, 1 or 3, H, W) in [0, 1] → features (N, 256, H/4, W/4); ImageNet's normalisation is inside.

    state: torchvision's VGG16 weights, or its first three blocks alone, by torchvision's names; ValueError where one is
    missing.
    """

    def __init__(self, state: Mapping[str, Tensor]):
        super().__init__()
        self.features = make_layers(BLOCKS, batch_norm=False)
        wanted = [f"features.{name}" for name in self.features.state_dict()]
        missing = [name for name in wanted if name not in state]
        if missing:
            raise ValueError(f"the perceptual network's weights lack {', '.join(missing)}: they are not VGG16's")
        self.features.load_state_dict({name.removeprefix("features."): state[name].float() for name in wanted})
        self.register_buffer("mean", torch.tensor(IMAGENET_MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(IMAGENET_STD).view(1, 3, 1, 1))
        self.eval().requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        return self.features((x.expand(-1, 3, -1, -1) - self.mean) / self.std)


class WithFeatures(nn.Module):
    """A victim that returns its logits and the feature maps of its middle conv layer."""

    def __init__(self, victim: Classifier):
        super().__init__()
        self.victim = victim
        layers = victim.conv_layers
        self.layer = list(layers)[len(layers) // 2]
        self._maps: list[Tensor] = []
        layers[self.layer].register_forward_hook(lambda _module, _inputs, output: self._maps.append(output))

    def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """Images (N, C, H, W) in [0, 1] → logits (N, classes) and features (N, …)."""
        self._maps.clear()
        logits = self.victim(x)
        return logits, self._maps.pop()


def feature_distance(first: Tensor, second: Tensor) -> Tensor:
    """Per-image L2 norm of a difference of features (N, …) → (N,)."""
    return (first - second).flatten(1).norm(dim=1)
