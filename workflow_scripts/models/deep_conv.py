"""deep_conv: conv 32-32-pool-64-64-pool-128-128-pool, dense 1024-512-classes with dropout.

2,915,114 parameters for 3 × 32 × 32 images and 10 classes at width 1 (information_flow paper, Table VII).
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from workflow_scripts.models.blocks import ConvNet, conv_layer, scaled
from workflow_scripts.models.dropout import Dropout

INITIALISATION = "kaiming"
SMALLEST_IMAGE = 8
SIZES = (32, 32, 64, 64, 128, 128, 1024, 512)


def build(
    *,
    in_channels: int,
    classes: int,
    image_size: int,
    width: float = 1.0,
    dropout: float = 0.25,
    sizes: list[int] | None = None,
) -> ConvNet:
    """The network for (N, in_channels, image_size, image_size) inputs; image_size is at least 8.

    sizes: outputs of the six convolutions and of the two dense layers, where they are not the published ones × width.
    """
    *convolutions, first, second = sizes or [scaled(size, width) for size in SIZES]
    features: OrderedDict[str, nn.Module] = OrderedDict()
    channels = in_channels
    for index, size in enumerate(convolutions, start=1):
        features[f"conv{index}"] = conv_layer(channels, size, pool=index % 2 == 0)
        channels = size
        if index % 2 == 0:
            features[f"dropout{index // 2}"] = Dropout(dropout)
    head = nn.Sequential(
        nn.Flatten(),
        nn.Linear(channels * (image_size // 8) ** 2, first),
        nn.ReLU(),
        Dropout(dropout),
        nn.Linear(first, second),
        nn.ReLU(),
        Dropout(dropout),
        nn.Linear(second, classes),
    )
    return ConvNet(features, head)
