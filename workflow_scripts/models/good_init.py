"""good_init: the network of the information_flow paper's Table X (after Mishkin & Matas, All you need is a good init).

1,071,542 parameters for 3 × 32 × 32 images and 10 classes at width 1. Initialised by layer-sequential unit variance.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from workflow_scripts.models.blocks import ConvNet, conv_layer, scaled
from workflow_scripts.models.dropout import Dropout

INITIALISATION = "lsuv"
SMALLEST_IMAGE = 4
SIZES = (32, 32, 32, 48, 48, 80, 80, 80, 80, 80, 128, 128, 128, 128, 128, 500)
POOLED = (5, 10)


def build(
    *,
    in_channels: int,
    classes: int,
    image_size: int,
    width: float = 1.0,
    dropout: float = 0.25,
    sizes: list[int] | None = None,
) -> ConvNet:
    """The network for (N, in_channels, H, W) inputs; global max-pooling makes its size independent of the image's.

    sizes: outputs of the fifteen convolutions and of the dense layer, where they are not the published ones × width.
    """
    *convolutions, hidden = sizes or [scaled(size, width) for size in SIZES]
    features: OrderedDict[str, nn.Module] = OrderedDict()
    channels = in_channels
    for index, size in enumerate(convolutions, start=1):
        features[f"conv{index}"] = conv_layer(channels, size, pool=index in POOLED)
        channels = size
        if index in POOLED:
            features[f"dropout{POOLED.index(index) + 1}"] = Dropout(dropout)
    head = nn.Sequential(
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        Dropout(dropout),
        nn.Linear(channels, hidden),
        nn.ReLU(),
        Dropout(dropout),
        nn.Linear(hidden, classes),
    )
    return ConvNet(features, head)
