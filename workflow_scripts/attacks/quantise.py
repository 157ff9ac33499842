"""Quantisation of images to 8 bits, as a file format or a camera does it."""

from __future__ import annotations

import torch
from torch import Tensor


def quantise(x: Tensor, method: str) -> Tensor:
    """float32 in [0, 1] → the same where `method` is "none", else uint8: "round" to nearest or "truncate" down."""
    if method == "none":
        return x
    scaled = x.double() * 255
    return (scaled.round() if method == "round" else (scaled + 1e-6).floor()).clamp(0, 255).to(torch.uint8)
