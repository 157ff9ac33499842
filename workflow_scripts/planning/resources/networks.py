"""The cost of a forward pass: arithmetic, parameters and feature maps per architecture, at any width and image size."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace

from workflow_scripts.configuration.modules import constant
from workflow_scripts.recipes.exact_numbers import to_float

ELEMENT = 100
"""Operations that an element of a feature map counts for: it is written, normalised and read again."""


@dataclass(frozen=True)
class Network:
    """The forward pass of one image.

    flops: of convolutions and dense layers, two per multiplication and addition. parameters: trainable ones. elements:
    of the outputs of all elementary layers together.
    """

    flops: float
    parameters: float
    elements: float

    @property
    def operations(self) -> float:
        """Floating-point operations of the pass, including what its feature maps count for."""
        return self.flops + ELEMENT * self.elements


@dataclass(frozen=True)
class Reference:
    """An architecture at width 1 and depth 1 on one image of 3 × side × side and 10 classes.

    blocks: per stage, for architectures with a `depth`. Tests compare every entry with what PyTorch counts.
    """

    side: int
    flops: float
    parameters: float
    elements: float
    blocks: tuple[int, ...] = ()


_RESNET50, _DENSENET121, _VGG19 = (3, 4, 6, 3), (6, 12, 24, 16), (2, 2, 4, 4, 4)
REFERENCES = {
    ("good_init", False): Reference(32, 3.334e8, 1.072e6, 7.166e5),
    ("deep_conv", False): Reference(32, 8.252e7, 2.915e6, 2.647e5),
    ("vgg_like", False): Reference(32, 6.269e8, 1.499e7, 8.638e5),
    ("resnet18", False): Reference(32, 1.111e9, 1.117e7, 1.484e6),
    ("resnet50", False): Reference(64, 6.673e8, 2.353e7, 2.617e6, _RESNET50),
    ("resnet50", True): Reference(64, 1.038e10, 2.352e7, 3.949e7, _RESNET50),
    ("resnext50_32x4d", False): Reference(64, 6.904e8, 2.300e7, 3.422e6, _RESNET50),
    ("resnext50_32x4d", True): Reference(64, 1.075e10, 2.299e7, 5.237e7, _RESNET50),
    ("densenet121", False): Reference(64, 4.626e8, 6.964e6, 3.148e6, _DENSENET121),
    ("densenet121", True): Reference(64, 7.107e9, 6.956e6, 4.801e7, _DENSENET121),
    ("vgg19_bn", False): Reference(64, 3.424e9, 1.396e8, 3.812e6, _VGG19),
    ("vgg19_bn", True): Reference(64, 1.183e10, 3.896e7, 1.009e7, _VGG19),
}
"""(architecture, whether with `cifar_stem`) → the cost at full size."""
UNKNOWN = replace(REFERENCES["vgg19_bn", True], blocks=())
"""Assumed for an architecture of the user's own that does not set WORK: the most expensive one."""


def network(architecture: str, build: Mapping[str, object], side: int) -> Network:
    """An architecture as a recipe builds it (`width`, `depth`, `cifar_stem`, …) on images of side × side.

    Arithmetic and parameters grow with the square of the width, feature maps with the width, all with the depth;
    arithmetic and maps with the area. A module of the user's own may set
    `WORK = {"side": 32, "flops": 1e9, "parameters": 1e7, "elements": 1e6}`, at width 1.
    """
    build = {} if ":" in architecture else build  # a callable's keywords mean what its author decided
    known = REFERENCES.get((architecture, bool(build.get("cifar_stem", False)))) or _own(architecture)
    width = to_float(build.get("width", 1))
    blocks_left = 1.0
    if known.blocks:
        depth = to_float(build.get("depth", 1))
        blocks_left = sum(max(1, math.ceil(count * depth)) for count in known.blocks) / sum(known.blocks)
    area = (side / known.side) ** 2
    return Network(
        flops=known.flops * width**2 * blocks_left * area,
        parameters=known.parameters * width**2 * blocks_left,
        elements=known.elements * width * blocks_left * area,
    )


def _own(architecture: str) -> Reference:
    given = constant("models", architecture, "WORK")
    return UNKNOWN if given is None else Reference(**given)


def reconstructor(channels: int, blocks: int, image_channels: int, side: int) -> Network:
    """REDRL's G: a convolution, residual blocks of two, a convolution, all 3 × 3 at the image's size."""
    weights = 9 * (2 * blocks * channels**2 + 2 * channels * image_channels)
    elements = side**2 * (channels * (2 * blocks + 1) + image_channels)
    return Network(2 * weights * side**2, weights, elements)


def recogniser(width: float, small_stem: bool, side: int) -> Network:
    """REDRL's Ψ: torchvision's ResNet-18; with the small stem its maps have 16 times the area."""
    known = Reference(64, *((4.458e9, 1.119e7, 7.406e6) if small_stem else (3.154e8, 1.120e7, 6.109e5)))
    area = (side / known.side) ** 2
    return Network(known.flops * width**2 * area, known.parameters * width**2, known.elements * width * area)


def perceptual(side: int) -> Network:
    """VGG16 up to the end of its third block, the perceptual network."""
    known, area = Reference(64, 1.524e9, 1.735e6, 2.064e6), (side / 64) ** 2
    return Network(known.flops * area, known.parameters, known.elements * area)
