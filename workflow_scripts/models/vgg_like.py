"""vgg_like: VGG16's convolutions, each Conv → ReLU → BN, then dense 512 with BN and the classes.

At width 1 on 3 × 32 × 32 images with 10 classes: 14,991,946 trainable parameters, 15,001,418 with the batch norms'
running means and variances, which is what the information_flow paper's Table VII counts.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from workflow_scripts.models.blocks import ConvNet, conv_layer, scaled

INITIALISATION = "kaiming"
BATCH_NORM = True
SMALLEST_IMAGE = 32
SIZES = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512)
POOLED = (2, 4, 7, 10, 13)


def build(
    *,
    in_channels: int,
    classes: int,
    image_size: int,
    width: float = 1.0,
    dropout: float = 0.5,
    sizes: list[int] | None = None,
) -> ConvNet:
    """The network for (N, in_channels, image_size, image_size) inputs; image_size is at least 32.

    sizes: outputs of the thirteen convolutions and of the dense layer, where they are not the published ones × width.
    """
    *convolutions, hidden = sizes or [scaled(size, width) for size in SIZES]
    features: OrderedDict[str, nn.Module] = OrderedDict()
    channels = in_channels
    for index, size in enumerate(convolutions, start=1):
        features[f"conv{index}"] = conv_layer(channels, size, batch_norm=True, pool=index in POOLED)
        channels = size
    head = nn.Sequential(
        nn.Flatten(),
        nn.Dropout(dropout),
        nn.Linear(channels * (image_size // 32) ** 2, hidden),
        nn.ReLU(),
        nn.BatchNorm1d(hidden),
        nn.Dropout(dropout),
        nn.Linear(hidden, classes),
    )
    return ConvNet(features, head)
