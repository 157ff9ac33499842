"""What the controls of an attack share: the perturbations of its set, replaced by others and clipped as it was."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, BatchResult, attack_in_batches
from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.options import AttackError, AttackOptions


def imitate(
    model: Victim,
    x: Tensor,
    y: Tensor,
    given: Mapping[int, Tensor],
    replaced: Callable[[Tensor, Tensor], Tensor],
    options: AttackOptions,
) -> AttackResult:
    """x + replaced(perturbation, indices), clipped to [0, 1], for the images that the model classifies correctly.

    given: index → the attacked image (C, H, W) in [0, 1]; replaced: called with the perturbations (n, C, H, W) of a
    batch and their indices. AttackError where an image has no attacked one.
    """

    def batch(victim: Victim, images: Tensor, labels: Tensor, indices: Tensor) -> BatchResult:
        missing = [index for index in indices.tolist() if index not in given]
        if missing:
            raise AttackError(f"the attack's set lacks the images {', '.join(map(str, missing[:5]))}")
        attacked = torch.stack([given[index] for index in indices.tolist()]).to(images)
        moved = images + replaced(attacked - images, indices)
        x_adv = moved.clamp(0.0, 1.0)
        clipped = (moved != x_adv).flatten(1).float().mean(1)
        none, once = torch.zeros_like(labels), torch.ones_like(labels)
        zero = torch.zeros(len(images), device=images.device)
        return BatchResult(x_adv, once, none, none, zero, extra={"clipped": clipped})

    return attack_in_batches(model, x, y, batch, options)
