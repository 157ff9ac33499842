"""Random signs: the baseline that a gradient attack of the same size has to beat."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, BatchResult, Trajectories, attack_in_batches, uniform_like
from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.linf_steps import random_signs_start
from workflow_scripts.attacks.options import AttackOptions, check_minimum

NORM = "linf"
"""The norm that the attack keeps small, by its name in `distances`."""


def attack(model: Victim, x: Tensor, y: Tensor, *, epsilon: float, **keywords: Any) -> AttackResult:
    """x_adv = x + epsilon * s, clipped to [0, 1], with each feature's sign s = -1 or 1 drawn evenly, once.

    It takes no gradient (`zero_gradient` is 0). x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64.
    `epsilon` is in units of `pixel_range`. Further keywords: those of `AttackOptions`. Raises ValueError for a
    parameter or an image out of its range.
    """
    options = AttackOptions(**keywords)
    check_minimum("epsilon", epsilon, 0)
    size = float(epsilon) / options.width

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor) -> BatchResult:
        x_adv = random_signs_start(x, uniform_like(x, options.seed, indices), size)
        trajectory = Trajectories(x, options.record)
        trajectory.add(torch.arange(len(x)), x_adv)
        none, once = torch.zeros_like(y), torch.ones_like(y)
        return BatchResult(x_adv, once, none, none, torch.zeros(len(x)), trajectory.ending_at())

    return attack_in_batches(model, x, y, batch, options)
