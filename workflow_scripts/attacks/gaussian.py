"""Gaussian noise of an attack's size: the control that tells the attack's direction from its distance."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, uniform_like
from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.imitation import imitate
from workflow_scripts.attacks.options import AttackOptions

NORM = "l2"
"""The norm that the control takes from the attack, by its name in `distances`."""


def attack(model: Victim, x: Tensor, y: Tensor, *, given: Mapping[int, Tensor], **keywords: Any) -> AttackResult:
    """x_adv = x + r n / |n|, clipped to [0, 1]: n is white Gaussian noise, r the L2 norm of the attack's perturbation.

    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. given: the attacked image of each index. `extra` has
    `clipped`, the share of an image's values that were clipped. Further keywords: those of `AttackOptions`. It takes no
    gradient. Raises as `imitate` does.
    """
    options = AttackOptions(**keywords)

    def noise(perturbation: Tensor, indices: Tensor) -> Tensor:
        n = gaussian_like(perturbation, options.seed, indices)
        return n * (size(perturbation) / size(n).clamp_min(1e-30))

    return imitate(model, x, y, given, noise, options)


def gaussian_like(x: Tensor, seed: int, indices: Tensor) -> Tensor:
    """Standard normal images (N, C, H, W), each from its own stream (seed, indices[i]), by Box and Muller's method."""
    radius = (-2 * torch.log1p(-uniform_like(x, seed, indices).double())).sqrt()
    angle = 2 * math.pi * uniform_like(x, seed, indices, skip=x[0].numel()).double()
    return (radius * angle.cos()).to(x)


def size(images: Tensor) -> Tensor:
    """The L2 norm of each image, (N, 1, 1, 1)."""
    return torch.linalg.vector_norm(images.double(), dim=(1, 2, 3), keepdim=True).to(images)
