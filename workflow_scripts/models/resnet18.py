"""resnet18 with the CIFAR stem (3×3 convolution, no max-pooling), after He et al. 2016.

11,173,962 parameters for 3 × 32 × 32 images and 10 classes at width 1. Its named layers are those of the
local_properties paper: conv1 (before batch norm), layer0 (after batch norm and ReLU), layer1 … layer4.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from workflow_scripts.models.blocks import scaled

INITIALISATION = "kaiming"
BATCH_NORM = True
SMALLEST_IMAGE = 8


class BasicBlock(nn.Module):
    """Two 3×3 convolutions with batch norm around an identity or 1×1 projection shortcut."""

    def __init__(self, in_channels: int, channels: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, channels, 3, stride, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(channels)
        self.conv2 = nn.Conv2d(channels, channels, 3, 1, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(channels)
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or in_channels != channels:
            self.shortcut = nn.Sequential(
                nn.Conv2d(in_channels, channels, 1, stride, bias=False), nn.BatchNorm2d(channels)
            )

    def forward(self, x):
        out = self.bn2(self.conv2(self.bn1(self.conv1(x)).relu()))
        return (out + self.shortcut(x)).relu()


class ResNet(nn.Module):
    """Stem, four stages of two basic blocks, global average pooling, one dense layer."""

    def __init__(self, in_channels: int, classes: int, widths: tuple[int, int, int, int]):
        super().__init__()
        self.conv1 = nn.Conv2d(in_channels, widths[0], 3, 1, 1, bias=False)
        self.layer0 = nn.Sequential(nn.BatchNorm2d(widths[0]), nn.ReLU())
        previous = widths[0]
        for index, channels in enumerate(widths, start=1):
            stride = 1 if index == 1 else 2
            stage = nn.Sequential(BasicBlock(previous, channels, stride), BasicBlock(channels, channels, 1))
            setattr(self, f"layer{index}", stage)
            previous = channels
        self.head = nn.Sequential(nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(previous, classes))

    def forward(self, x):
        for layer in self.conv_layers.values():
            x = layer(x)
        return self.head(x)

    @property
    def conv_layers(self) -> OrderedDict[str, nn.Module]:
        names = ("conv1", "layer0", "layer1", "layer2", "layer3", "layer4")
        return OrderedDict((name, getattr(self, name)) for name in names)


def build(*, in_channels: int, classes: int, image_size: int, width: float = 1.0) -> ResNet:
    """The network for (N, in_channels, H, W) inputs of any size from 8 pixels."""
    return ResNet(in_channels, classes, tuple(scaled(channels, width) for channels in (64, 128, 256, 512)))
