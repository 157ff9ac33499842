"""Fast gradient sign method (Goodfellow et al. 2015, "Explaining and harnessing adversarial examples")."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from workflow_scripts.attacks.ascent import single_step
from workflow_scripts.attacks.balls import ball
from workflow_scripts.attacks.batches import AttackResult, BatchResult, attack_in_batches
from workflow_scripts.attacks.goals import goal_of
from workflow_scripts.attacks.gradients import ForwardPass, Victim
from workflow_scripts.attacks.options import AttackOptions, check_minimum

NORM = "linf"
"""The norm that the attack keeps small unless `norm` says otherwise, by its name in `distances`."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    norm: str = "linf",
    target: str | int = "none",
    **keywords: Any,
) -> AttackResult:
    """x_adv = x + epsilon * sign(gradient of the loss), clipped to [0, 1]: one step, one gradient.

    norm: with "l2", the gradient itself at the length `epsilon` instead of its sign. target: the class that the step
    heads for (`targets.target_classes`).
    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. `epsilon` is in units of `pixel_range`.
    Further keywords: those of `AttackOptions`. Raises ValueError for a parameter or an image out of its range.
    """
    options = AttackOptions(**keywords)
    check_minimum("epsilon", epsilon, 0)
    step = float(epsilon) / options.width

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: ForwardPass) -> BatchResult:
        goal = goal_of(target, y, first)
        return single_step(x, goal, first, ball(x, step, norm), step, options.record)

    return attack_in_batches(model, x, y, batch, options, shares_first=True)
