"""REDRL's reconstructor G and recogniser Ψ (attack_signatures paper, sections 4.1, 4.4 and 4.6)."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

import torch
from torch import Tensor, nn

from workflow_scripts.models.blocks import scaled
from workflow_scripts.models.torchvision_network import ScaledResNet
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()

from torchvision.models.resnet import BasicBlock  # noqa: E402 - torchvision needs its operators declared

SLOPE = 0.1
"""Of the leaky ReLUs, as in the authors' code."""
SMALL = 0.1
"""The residual blocks' Kaiming weights are multiplied by it, as in the authors' code."""


class ResidualBlock(nn.Module):
    """x + conv(LeakyReLU(conv(x))), without batch norm; (N, channels, H, W) → the same."""

    def __init__(self, channels: int):
        super().__init__()
        self.first = nn.Conv2d(channels, channels, 3, padding=1)
        self.second = nn.Conv2d(channels, channels, 3, padding=1)
        for convolution in (self.first, self.second):
            nn.init.kaiming_normal_(convolution.weight, a=SLOPE)
            with torch.no_grad():
                convolution.weight.mul_(SMALL)
            nn.init.zeros_(convolution.bias)

    def forward(self, x: Tensor) -> Tensor:
        return x + self.second(nn.functional.leaky_relu(self.first(x), SLOPE))


class Reconstructor(nn.Module):
    """G: convolution, residual blocks, convolution; no skip connection around them, which would carry the perturbation.

    Images (N, C, H, W) in [0, 1] → reconstructions of the same shape, not clamped. Published: 64 channels, 23 blocks.
    """

    def __init__(self, image_channels: int, channels: int = 64, blocks: int = 23):
        super().__init__()
        self.first = nn.Conv2d(image_channels, channels, 3, padding=1)
        self.blocks = nn.Sequential(*(ResidualBlock(channels) for _ in range(blocks)))
        self.last = nn.Conv2d(channels, image_channels, 3, padding=1)

    def forward(self, x: Tensor) -> Tensor:
        return self.last(self.blocks(nn.functional.leaky_relu(self.first(x), SLOPE)))


class Recogniser(nn.Module):
    """Ψ: torchvision's ResNet-18 from scratch with a first convolution for `in_channels` and a head 512 → 32 → classes.

    Published: width 1 and the ImageNet stem; `small_stem` (3×3, no pooling) is for images too small for it.
    """

    def __init__(
        self,
        in_channels: int,
        classes: int,
        width: Fraction | float = 1.0,
        blocks: Sequence[int] = (2, 2, 2, 2),
        small_stem: bool = False,
    ):
        super().__init__()
        trunk, first = ScaledResNet(list(blocks), width, BasicBlock), scaled(64, width)
        trunk.conv1 = nn.Conv2d(in_channels, first, *((3, 1, 1) if small_stem else (7, 2, 3)), bias=False)
        trunk.bn1 = nn.BatchNorm2d(first)
        if small_stem:
            trunk.maxpool = nn.Identity()
        trunk.fc = nn.Sequential(nn.Linear(scaled(512, width), 32), nn.ReLU(), nn.Linear(32, classes))
        self.trunk = trunk

    def forward(self, x: Tensor) -> Tensor:
        return self.trunk(x)
