"""vgg_like: VGG16's convolutions, each Conv → ReLU → BN, then dense 512 with BN and the classes.

At width 1 on 3 × 32 × 32 images with 10 classes: 14,991,946 trainable parameters, 15,001,418 with the batch norms'
running means and variances, which is what the information_flow paper's Table VII counts.

On 32 × 32 images the last pooling leaves one value a map, and a single value has no mutual information with anything.
The paper's distances in this network are not zero (Table IX), so its last maps are taken before that pooling: 2 × 2.
"""

from __future__ import annotations

from collections import OrderedDict

from torch import nn

from workflow_scripts.models.blocks import ConvNet, conv_layer, scaled
from workflow_scripts.models.dropout import Dropout

INITIALISATION = "kaiming"
BATCH_NORM = True
SMALLEST_IMAGE = 32
SIZES = (64, 64, 128, 128, 256, 256, 256, 512, 512, 512, 512, 512, 512, 512)
POOLED = (2, 4, 7, 10, 13)


class VggLike(ConvNet):
    """The chain whose last conv layer ends before its pooling where that would leave 1 × 1 maps (`last_map` is 1)."""

    def __init__(self, features: OrderedDict[str, nn.Module], head: nn.Module, last_map: int):
        super().__init__(features, head)
        self.last_map = last_map

    @property
    def conv_layers(self) -> OrderedDict[str, nn.Module]:
        layers = super().conv_layers
        if self.last_map == 1:
            name, last = layers.popitem()
            layers[name] = last.batch_norm
        return layers


def build(
    *,
    in_channels: int,
    classes: int,
    image_size: int,
    width: float = 1.0,
    dropout: float = 0.5,
    sizes: list[int] | None = None,
) -> VggLike:
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
        Dropout(dropout),
        nn.Linear(channels * (image_size // 32) ** 2, hidden),
        nn.ReLU(),
        nn.BatchNorm1d(hidden),
        Dropout(dropout),
        nn.Linear(hidden, classes),
    )
    return VggLike(features, head, last_map=image_size // 32)
