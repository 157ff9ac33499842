"""Adversarial images that exist already, measured as an attack's are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, BatchResult, attack_in_batches
from workflow_scripts.attacks.budgets import measured
from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.options import AttackError, AttackOptions


def run(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    given: Mapping[int, Tensor],
    epsilon: float | None = None,
    norm: str = "l2",
    clip: bool = False,
    **keywords: Any,
) -> AttackResult:
    """The image that `given` (index → (C, H, W) float32) has for each image that the model classifies correctly.

    epsilon, norm, clip, and `extra` of the result are those of `external.run`; no pass of an attack is counted, and
    `iteration` is 1. x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. Further keywords: those of
    `AttackOptions`. AttackError where a correctly classified image has none, or one that does not fit.
    """
    options = AttackOptions(**keywords)
    budget = None if epsilon is None else float(epsilon) / (options.width if norm != "l0" else 1.0)

    def batch(victim: Victim, images: Tensor, labels: Tensor, indices: Tensor) -> BatchResult:
        attacked = _chosen(given, indices.tolist(), images)
        x_adv, extra = measured(images, attacked, budget, norm, clip)
        none, once = torch.zeros_like(labels), torch.ones_like(labels)
        return BatchResult(x_adv, once, none, none, torch.zeros(len(images), device=images.device), extra=extra)

    return attack_in_batches(model, x, y, batch, options)


def _chosen(given: Mapping[int, Tensor], indices: list[int], x: Tensor) -> Tensor:
    """The given images (N, C, H, W) of these indices, as `x` is; AttackError where one is missing or unlike `x`."""
    missing = [index for index in indices if index not in given]
    if missing:
        some = ", ".join(map(str, missing[:5])) + (", …" if len(missing) > 5 else "")
        raise AttackError(
            f"from_file: the file lacks {len(missing)} of {len(indices)} images that the model classifies correctly "
            f"(index {some}): add them"
        )
    like = tuple(x.shape[1:])
    for index in indices:
        shape = tuple(given[index].shape)
        if shape != like:
            raise AttackError(f"from_file: the image of index {index} is {shape}, and the clean one {like}: give it so")
    return torch.stack([given[index] for index in indices]).to(x)
