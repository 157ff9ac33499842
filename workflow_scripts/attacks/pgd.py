"""Projected gradient descent (Madry et al. 2018, "Towards deep learning models resistant to adversarial
attacks")."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from workflow_scripts.attacks.ascent import ascend
from workflow_scripts.attacks.balls import ball
from workflow_scripts.attacks.batches import AttackResult, BatchResult, attack_in_batches
from workflow_scripts.attacks.goals import goal_of
from workflow_scripts.attacks.gradients import ForwardPass, Victim
from workflow_scripts.attacks.options import AttackOptions, check_integer, check_minimum

NORM = "linf"
"""The norm that the attack keeps small unless `norm` says otherwise, by its name in `distances`."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    alpha: float,
    steps: int,
    random_start: bool = True,
    stop_at_success: bool = False,
    norm: str = "linf",
    target: str | int = "none",
    **keywords: Any,
) -> AttackResult:
    """`steps` steps of `alpha` along the gradient's signs, each projected to the ball of `epsilon` and to [0, 1].

    With `norm` "l2" each step is `alpha` long in L2 and the ball is one in L2. target: the class to reach
    (`targets.target_classes`), which is then what counts as success here.

    The first point is uniform in the ball with `random_start`, and x without. All steps are taken and the last
    successful iterate is returned, or with `stop_at_success` the first. A failure returns the iterate with the highest
    loss.

    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. `epsilon` and `alpha` are in units of `pixel_range`.
    Further keywords: those of `AttackOptions`. Raises ValueError for a parameter or an image out of its range.
    """
    options = AttackOptions(**keywords)
    check_minimum("epsilon", epsilon, 0)
    check_minimum("alpha", alpha, 0)
    steps = check_integer("steps", steps, 0)
    radius, step = float(epsilon) / options.width, float(alpha) / options.width

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: ForwardPass | None = None) -> BatchResult:
        around = ball(x, radius, norm)
        return ascend(
            victim, x, goal_of(target, y, first), around.random_start(options.seed, indices) if random_start else x,
            ball=around, alpha=step, steps=steps, stop_at_success=stop_at_success, record=options.record,
            first=None if random_start else first,
        )  # fmt: skip

    return attack_in_batches(model, x, y, batch, options, shares_first=not random_start or target != "none")
