"""Trivial denoisers, beside which a reconstructor shows what it has learnt: a Gaussian blur and a median filter."""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor

Denoiser = Callable[[Tensor], Tensor]
TRUNCATE = 4.0
"""Standard deviations at which the Gaussian is cut off."""


def gaussian_blur(x: Tensor, deviation: float) -> Tensor:
    """Images (N, C, H, W) blurred by a Gaussian of `deviation` pixels (above 0), with mirrored borders."""
    radius = min(int(TRUNCATE * deviation + 0.5), min(x.shape[-2:]) - 1)
    offsets = torch.arange(-radius, radius + 1, device=x.device, dtype=x.dtype)
    weights = torch.exp(-(offsets**2) / (2 * deviation**2))
    weights = (weights / weights.sum()).expand(x.shape[1], 1, 1, -1)
    padded = F.pad(x, (radius,) * 4, mode="reflect")
    return F.conv2d(F.conv2d(padded, weights, groups=x.shape[1]), weights.mT, groups=x.shape[1])


def median_filter(x: Tensor, side: int) -> Tensor:
    """Images (N, C, H, W) in which each pixel is the median of the square of odd `side` around it, borders mirrored.

    ValueError for an even side.
    """
    if side % 2 == 0:
        raise ValueError(f"a median filter's side is odd, not {side}")
    padded = F.pad(x, (side // 2,) * 4, mode="reflect")
    return padded.unfold(2, side, 1).unfold(3, side, 1).flatten(-2).median(-1).values


def build_denoiser(name: str, size: float) -> Denoiser:
    """The denoiser `gaussian` of a deviation `size`, or `median` of a side `size`; ValueError for another name."""
    if name == "gaussian":
        return lambda x: gaussian_blur(x, size)
    if name == "median":
        return lambda x: median_filter(x, int(size))
    raise ValueError(f"there is no denoiser {name!r}; known are gaussian and median")
