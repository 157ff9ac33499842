"""An attack's own perturbation with its pixels in another order: the control that tells its places from its values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, uniforms
from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.imitation import imitate
from workflow_scripts.attacks.options import AttackOptions

NORM = "l2"
"""The norm in which the control's distortion is reported; before clipping all norms are the attack's."""


def attack(model: Victim, x: Tensor, y: Tensor, *, given: Mapping[int, Tensor], **keywords: Any) -> AttackResult:
    """x_adv = x + the attack's perturbation with its pixels in a random order, clipped to [0, 1].

    Channels move together, so that the perturbation has the same values and norms. x: images (N, C, H, W) float32 in
    [0, 1]. y: labels (N,) int64. given: the attacked image of each index. `extra` has `clipped`, the share of an
    image's values that were clipped. Further keywords: those of `AttackOptions`. It takes no gradient. Raises as
    `imitate` does.
    """
    options = AttackOptions(**keywords)

    def shuffle(perturbation: Tensor, indices: Tensor) -> Tensor:
        order = uniforms(options.seed, indices, perturbation[0, 0].numel()).argsort(1).to(perturbation.device)
        pixels = perturbation.flatten(2)
        return pixels.gather(2, order[:, None].expand_as(pixels)).reshape(perturbation.shape)

    return imitate(model, x, y, given, shuffle, options)
