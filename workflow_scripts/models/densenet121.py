"""densenet121: torchvision's (Huang et al. 2017), a victim of the attack_signatures paper.

6,964,106 parameters for 3 channels and 10 classes at width 1; 10,240 filters in its convolutions.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from workflow_scripts.models.blocks import scaled
from workflow_scripts.models.torchvision_network import TorchvisionNetwork, shortened
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()

from torchvision.models.densenet import DenseNet  # noqa: E402 - torchvision needs its operators declared

INITIALISATION = "kaiming"
BATCH_NORM = True
SMALLEST_IMAGE = 8
HEAD = "classifier"
"""The last layer, which depends on the number of classes."""


def build(
    *,
    in_channels: int,
    classes: int,
    image_size: int,
    width: float = 1.0,
    depth: float = 1.0,
    cifar_stem: bool = False,
) -> TorchvisionNetwork:
    """The network for (N, in_channels, H, W) inputs of any size from 8 pixels.

    `width` scales the growth rate and the stem; `depth` multiplies the layers of each block; `cifar_stem`: a 3×3
    convolution without max-pooling.
    """
    first = scaled(64, width)
    network = DenseNet(scaled(32, width), tuple(shortened((6, 12, 24, 16), depth)), first, num_classes=classes)
    if cifar_stem:
        network.features.conv0 = nn.Conv2d(in_channels, first, 3, padding=1, bias=False)
        network.features.pool0 = nn.Identity()
    elif in_channels != 3:
        network.features.conv0 = nn.Conv2d(in_channels, first, 7, stride=2, padding=3, bias=False)
    for part in network.modules():
        if isinstance(part, nn.AvgPool2d):
            part.ceil_mode = (
                True  # differs from torchvision's only for maps of an odd side, and lets small ones through
            )
    names = ("conv0", "denseblock1", "denseblock2", "denseblock3", "denseblock4")
    return TorchvisionNetwork(network, OrderedDict((name, f"features.{name}") for name in names))
