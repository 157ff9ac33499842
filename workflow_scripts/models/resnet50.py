"""resnet50: torchvision's (He et al. 2016), a victim of the attack_signatures paper.

23,528,522 parameters for 3 channels and 10 classes at width 1; 26,560 filters in its convolutions.
"""

from __future__ import annotations

from workflow_scripts.models.torchvision_network import TorchvisionNetwork, resnet

INITIALISATION = "kaiming"
BATCH_NORM = True
SMALLEST_IMAGE = 8
HEAD = "fc"
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

    `depth` multiplies the blocks of each stage; `cifar_stem`: a 3×3 convolution without max-pooling.
    """
    return resnet(
        blocks=(3, 4, 6, 3),
        in_channels=in_channels,
        classes=classes,
        width=width,
        depth=depth,
        cifar_stem=cifar_stem,
    )
