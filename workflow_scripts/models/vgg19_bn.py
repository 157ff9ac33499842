"""vgg19_bn: torchvision's VGG19 with batch norm (Simonyan & Zisserman 2015), a victim of the attack_signatures paper.

139,622,218 parameters for 3 channels and 10 classes at width 1, most of them in its dense layers; 5,504 filters.
"""

from __future__ import annotations

from collections import OrderedDict
from functools import cache

import torch
from torch import Tensor, nn

from workflow_scripts.models.blocks import scaled
from workflow_scripts.models.torchvision_network import TorchvisionNetwork, shortened
from workflow_scripts.models.torchvision_operators import import_torchvision

import_torchvision()

from torchvision.models.vgg import VGG, make_layers  # noqa: E402 - torchvision needs its operators declared

INITIALISATION = "kaiming"
BATCH_NORM = True
SMALLEST_IMAGE = 8
HEAD = "classifier.6"
"""The last layer, which depends on the number of classes."""
STAGES = ((64, 2), (128, 2), (256, 4), (512, 4), (512, 4))


class EvenPool(nn.Module):
    """Adaptive average pooling to `side` × `side`, as two products with constant matrices.

    PyTorch's own is not deterministic on a GPU: its backward pass adds overlapping regions' gradients in any order.
    """

    def __init__(self, side: int):
        super().__init__()
        self.side = side

    def forward(self, x: Tensor) -> Tensor:
        rows, columns = (_regions(size, self.side).to(x) for size in x.shape[-2:])
        return rows @ x @ columns.T


@cache
def _regions(size: int, count: int) -> Tensor:
    """(count, size): each row averages one of `count` regions that cover `size` positions evenly."""
    regions = torch.zeros(count, size, dtype=torch.float64, device="cpu")  # also where networks are only counted
    for k in range(count):
        start, stop = k * size // count, -(-(k + 1) * size // count)
        regions[k, start:stop] = 1 / (stop - start)
    return regions


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

    `depth` multiplies the convolutions of each stage; `cifar_stem`: no max-pooling after the first stage, and average
    pooling to one position in front of the dense layers instead of 7 × 7.
    """
    plan: list[int | str] = []
    last: list[int] = []
    for index, ((size, _), count) in enumerate(zip(STAGES, shortened([n for _, n in STAGES], depth), strict=True)):
        plan += [scaled(size, width)] * count + (["M"] if index or not cifar_stem else [])
        last.append(sum(1 if word == "M" else 3 for word in plan) - 1)
    features = make_layers(plan, batch_norm=True)
    if in_channels != 3:
        features[0] = nn.Conv2d(in_channels, scaled(STAGES[0][0], width), 3, padding=1)
    for part in features:
        if isinstance(part, nn.MaxPool2d):
            part.ceil_mode = (
                True  # differs from torchvision's only for maps of an odd side, and lets small ones through
            )
    with torch.device("meta"):  # its own dense layers, 120 million weights, are replaced below
        network = VGG(features, init_weights=False)
    side, hidden = 1 if cifar_stem else 7, scaled(4096, width)
    network.avgpool = nn.AdaptiveAvgPool2d(1) if side == 1 else EvenPool(side)
    network.classifier = nn.Sequential(
        nn.Linear(scaled(STAGES[-1][0], width) * side**2, hidden),
        nn.ReLU(True),
        nn.Dropout(),
        nn.Linear(hidden, hidden),
        nn.ReLU(True),
        nn.Dropout(),
        nn.Linear(hidden, classes),
    )
    return TorchvisionNetwork(
        network, OrderedDict((f"stage{k}", f"features.{place}") for k, place in enumerate(last, start=1))
    )
