"""The building blocks that several architectures share."""

from __future__ import annotations

from collections import OrderedDict
from fractions import Fraction

from torch import nn


def scaled(channels: int, width: Fraction | float) -> int:
    """A layer's size under the width multiplier: rounded, and at least 1."""
    return max(1, round(channels * width))


def conv_layer(in_channels: int, out_channels: int, *, batch_norm: bool = False, pool: bool = False) -> nn.Sequential:
    """A "conv layer" as the information_flow paper means it (section II.A): a 3×3 convolution with what follows it.

    ReLU, batch norm where the architecture has it (after the ReLU), 2×2 max-pooling where there is one.
    (N, in, H, W) → (N, out, H, W), or (N, out, H/2, W/2) with pooling.
    """
    parts: OrderedDict[str, nn.Module] = OrderedDict()
    parts["convolution"] = nn.Conv2d(in_channels, out_channels, 3, padding=1)
    parts["relu"] = nn.ReLU()
    if batch_norm:
        parts["batch_norm"] = nn.BatchNorm2d(out_channels)
    if pool:
        parts["pool"] = nn.MaxPool2d(2)
    return nn.Sequential(parts)


class ConvNet(nn.Module):
    """A plain chain: `features` (conv layers named conv1 … convK, dropouts between them), then `head`.

    `conv_layers` names the modules whose outputs are the conv layers' feature maps.
    """

    def __init__(self, features: OrderedDict[str, nn.Module], head: nn.Module):
        super().__init__()
        self.features = nn.Sequential(features)
        self.head = head

    def forward(self, x):
        return self.head(self.features(x))

    @property
    def conv_layers(self) -> OrderedDict[str, nn.Module]:
        return OrderedDict((name, part) for name, part in self.features.named_children() if name.startswith("conv"))
