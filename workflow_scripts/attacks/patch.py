"""An adversarial patch within an L∞ ball, at a random place of each image (attack_signatures paper, section 3.2).

After LaVAN (Karmon, Zoran & Goldberg 2018), with the patch held within ±epsilon of the image.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.attacks.ascent import ascend_linf
from workflow_scripts.attacks.batches import AttackResult, BatchResult, attack_in_batches, uniform
from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.options import AttackOptions, check_integer, check_minimum

NORM = "linf"
"""The norm that the attack keeps small, by its name in `distances`."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    size: int,
    alpha: float = 0.01,
    steps: int = 100,
    **keywords: Any,
) -> AttackResult:
    """Projected gradient ascent within a `size` × `size` patch: `steps` signed steps of `alpha` within ±`epsilon`.

    The place is uniform over all positions, drawn from the stream (seed, the image's index).

    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. `epsilon` and `alpha` are in units of `pixel_range`.
    Further keywords: those of `AttackOptions`. Raises ValueError for a parameter or an image out of its range and for
    a patch that is larger than the images.
    """
    options = AttackOptions(**keywords)
    check_minimum("epsilon", epsilon, 0)
    check_minimum("alpha", alpha, 0)
    steps, size = check_integer("steps", steps, 0), check_integer("size", size, 1)
    if size > min(x.shape[2:]):
        raise ValueError(f"size: is {size}; the images have {tuple(x.shape[2:])} pixels")
    radius, step = float(epsilon) / options.width, float(alpha) / options.width

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor) -> BatchResult:
        return ascend_linf(
            victim, x, y, x, epsilon=radius * patches(x, size, options.seed, indices), alpha=step, steps=steps,
            stop_at_success=False, record=options.record,
        )  # fmt: skip

    return attack_in_batches(model, x, y, batch, options)


def patches(x: Tensor, size: int, seed: int, indices: Tensor) -> Tensor:
    """Masks (N, 1, H, W): 1 within each image's patch, 0 elsewhere."""
    height, width = x.shape[2:]
    draws = np.stack([uniform(seed, index, 2) for index in indices.tolist()])
    tops, lefts = (
        torch.from_numpy((draws[:, k] * (side - size + 1)).astype(np.int64)) for k, side in ((0, height), (1, width))
    )
    rows, columns = torch.arange(height), torch.arange(width)
    in_rows = (rows >= tops[:, None]) & (rows < tops[:, None] + size)
    in_columns = (columns >= lefts[:, None]) & (columns < lefts[:, None] + size)
    return (in_rows[:, None, :, None] & in_columns[:, None, None, :]).to(x)
