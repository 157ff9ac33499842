"""Bounds and random points of an L-infinity ball."""

from __future__ import annotations

import torch
from torch import Tensor


def linf_bounds(x: Tensor, epsilon: float | Tensor) -> tuple[Tensor, Tensor]:
    """The lower and upper bounds of the images within `epsilon` of `x` (N, C, H, W) and within [0, 1].

    `epsilon` is one for all features, or a tensor that broadcasts over the images; where it is 0, both are x.
    """
    return (x - epsilon).clamp_(min=0.0), (x + epsilon).clamp_(max=1.0)


def random_signs_start(x: Tensor, uniforms: Tensor, epsilon: float) -> Tensor:
    """x ± epsilon with each feature's sign drawn from `uniforms` (N, C, H, W) in [0, 1), in the box."""
    signs = torch.where(uniforms < 0.5, -1.0, 1.0)
    return (x + epsilon * signs).clamp(0.0, 1.0)


def uniform_start(x: Tensor, uniforms: Tensor, epsilon: float | Tensor) -> Tensor:
    """A point of the ball of `epsilon` around `x`, uniform by `uniforms` in [0, 1), clipped to [0, 1]."""
    return (x + epsilon * (2.0 * uniforms - 1.0)).clamp(0.0, 1.0)
