"""torchvision's networks as victims of the attack_signatures paper: any input channels, stem, width and depth.

At width 1, depth 1, with the ImageNet stem and three channels each network is torchvision's own, parameter by parameter
and name by name, so that ImageNet weights fit.
"""

from __future__ import annotations

import math
import re
from collections import OrderedDict
from collections.abc import Sequence
from fractions import Fraction

import torch
from torch import Tensor, nn

from workflow_scripts.models.blocks import scaled
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()

from torchvision.models.resnet import Bottleneck, ResNet  # noqa: E402 - torchvision needs its operators declared


def shortened(blocks: Sequence[int], depth: Fraction | float) -> list[int]:
    """Blocks per stage under the depth multiplier, rounded up, so that each stage keeps at least one."""
    return [max(1, math.ceil(count * depth)) for count in blocks]


class TorchvisionNetwork(nn.Module):
    """One of torchvision's networks; `layers`: name of a feature map → path of the module that returns it."""

    def __init__(self, network: nn.Module, layers: OrderedDict[str, str]):
        super().__init__()
        self.network = network
        self._layers = layers

    def forward(self, x: Tensor) -> Tensor:
        return self.network(x)

    @property
    def conv_layers(self) -> OrderedDict[str, nn.Module]:
        return OrderedDict((name, self.network.get_submodule(path)) for name, path in self._layers.items())

    def load_published(self, state: dict[str, Tensor], head: str) -> None:
        """Start from torchvision's weights; the classifier's last layer `head` is kept where its classes differ.

        Raises ValueError where anything else does not fit, as with a reduced width or depth or another stem.
        """
        # torchvision's DenseNet checkpoints have the names of an older version: norm.1 for norm1.
        state = {re.sub(r"\.(norm|conv)\.([12])\.", r".\1\2.", name): tensor for name, tensor in state.items()}
        own = self.network.state_dict()
        kept = {name for name in own if name.startswith(f"{head}.") and _shape(state.get(name)) != own[name].shape}
        wrong = sorted(n for n in own.keys() - kept if _shape(state.get(n)) != own[n].shape)
        # Checkpoints older than PyTorch 0.4.1 lack this counter, which nothing in this project reads.
        wrong = [name for name in wrong if not name.endswith("num_batches_tracked")]
        if wrong:
            raise ValueError(
                f"the initial weights do not fit {', '.join(wrong[:3])}{' …' if wrong[3:] else ''}: they are for "
                "the published network (width 1, depth 1, ImageNet stem, three channels)"
            )
        self.network.load_state_dict({n: state[n] for n in own.keys() - kept if n in state}, strict=False)


def _shape(tensor: Tensor | None) -> torch.Size | None:
    return None if tensor is None else tensor.shape


class ScaledResNet(ResNet):
    """torchvision's ResNet with every stage's planes under a width multiplier."""

    def __init__(self, blocks: list[int], width: Fraction | float, block: type[nn.Module] = Bottleneck, **more):
        self.width = width
        super().__init__(block, blocks, **more)

    def _make_layer(self, block, planes, blocks, stride=1, dilate=False):
        if planes == 64:
            self.inplanes = scaled(64, self.width)
        return super()._make_layer(block, scaled(planes, self.width), blocks, stride, dilate)


def resnet(
    *,
    blocks: Sequence[int],
    in_channels: int,
    classes: int,
    width: Fraction | float,
    depth: Fraction | float,
    cifar_stem: bool,
    groups: int = 1,
    width_per_group: float = 64,
) -> TorchvisionNetwork:
    """A bottleneck ResNet: stem, four stages, global average pooling, one dense layer."""
    network = ScaledResNet(shortened(blocks, depth), width, groups=groups, width_per_group=width_per_group)
    first = scaled(64, width)
    if cifar_stem:
        network.conv1 = nn.Conv2d(in_channels, first, 3, padding=1, bias=False)
        network.maxpool = nn.Identity()
    elif (in_channels, first) != (3, 64):
        network.conv1 = nn.Conv2d(in_channels, first, 7, stride=2, padding=3, bias=False)
    if first != 64:
        network.bn1 = nn.BatchNorm2d(first)
    network.fc = nn.Linear(scaled(512, width) * Bottleneck.expansion, classes)
    names = ("conv1", "layer1", "layer2", "layer3", "layer4")
    return TorchvisionNetwork(network, OrderedDict((name, name) for name in names))
