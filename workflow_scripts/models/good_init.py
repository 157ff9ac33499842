"""good_init: the network of the information_flow paper's Table X (after Mishkin & Matas, All you need is a good init).

1,071,542 parameters for 3 × 32 × 32 images and 10 classes at width 1. Initialised by layer-sequential unit variance.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from workflow_scripts.models.blocks import ConvNet, conv_layer, scaled

INITIALISATION = "lsuv"
SMALLEST_IMAGE = 4
STAGES = ((32, 32, 32, 48, 48), (80,) * 5, (128,) * 5)


def build(*, in_channels: int, classes: int, image_size: int, width: float = 1.0, dropout: float = 0.25) -> ConvNet:
    """The network for (N, in_channels, H, W) inputs; global max-pooling makes it indifferent to the image's size."""
    features: OrderedDict[str, nn.Module] = OrderedDict()
    channels, index = in_channels, 0
    for stage, sizes in enumerate(STAGES):
        for position, size in enumerate(sizes):
            index += 1
            pool = stage < 2 and position == len(sizes) - 1
            features[f"conv{index}"] = conv_layer(channels, scaled(size, width), pool=pool)
            channels = scaled(size, width)
        if stage < 2:
            features[f"dropout{stage + 1}"] = nn.Dropout(dropout)
    hidden = scaled(500, width)
    head = nn.Sequential(
        nn.AdaptiveMaxPool2d(1),
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(channels, hidden),
        nn.ReLU(),
        nn.Dropout(dropout),
        nn.Linear(hidden, classes),
    )
    return ConvNet(features, head)
