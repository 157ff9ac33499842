"""Passes through a network in float32, or with its matrix products and convolutions in bfloat16."""

from __future__ import annotations

import torch
from torch import Tensor, nn

PRECISIONS = ("float32", "bfloat16")


def forward(model: nn.Module, x: Tensor, precision: str = "float32") -> Tensor:
    """Logits (B, classes) in float32 of images `x` (B, C, H, W).

    With "bfloat16" autocast computes convolutions, dense layers and what lies between them in bfloat16, here and in the
    backward pass. Weights, their gradients, batch statistics and running statistics stay float32. Raises ValueError for
    another precision.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision: is {precision!r}; it may be {' or '.join(map(repr, PRECISIONS))}")
    with torch.autocast(x.device.type, torch.bfloat16, enabled=precision == "bfloat16"):
        logits = model(x)
    return logits.float()
