"""Carlini & Wagner's objective within an L∞ ball (attack_signatures paper, Table 2).

Adam on c · max(z_y − max of the others, −κ) + the squared perturbation, projected to ±epsilon and to [0, 1] after
every step. The paper names its settings (100 steps, learning rate 0.005, c 5) and no library whose attack they fit.
"""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, BatchResult, Trajectories, attack_in_batches
from workflow_scripts.attacks.goals import Goal, goal_of
from workflow_scripts.attacks.gradients import ForwardPass, Victim, per_sample
from workflow_scripts.attacks.linf_steps import linf_bounds
from workflow_scripts.attacks.options import AttackOptions, check_integer, check_minimum

NORM = "linf"
"""The norm that the attack keeps small, by its name in `distances`."""
BETAS, TINY = (0.9, 0.999), 1e-8
"""Adam's published constants."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    learning_rate: float = 0.005,
    const: float = 5.0,
    steps: int = 100,
    confidence: float = 0.0,
    target: str | int = "none",
    **keywords: Any,
) -> AttackResult:
    """`steps` of Adam with `learning_rate`; the nearest success in L∞ is returned, or the smallest margin.

    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. `epsilon` and `learning_rate` are in units of
    `pixel_range`; `const` weighs the margin in logits against the squared perturbation in these units. `target` is the
    class to reach (`targets.target_classes`). Further keywords: those of `AttackOptions`. Raises ValueError
    for a parameter or an image out of its range.
    """
    options = AttackOptions(**keywords)
    check_minimum("epsilon", epsilon, 0)
    check_minimum("learning_rate", learning_rate, 0)
    check_minimum("const", const, 0)
    check_minimum("confidence", confidence, 0)
    steps = check_integer("steps", steps, 0)
    width = options.width

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: ForwardPass | None = None) -> BatchResult:
        return _batch(
            victim, x, goal_of(target, y, first), float(epsilon) / width, float(learning_rate) / width, float(const),
            steps, float(confidence), width, options.record,
        )  # fmt: skip

    return attack_in_batches(model, x, y, batch, options, shares_first=target != "none")


def _batch(
    victim: Victim,
    x: Tensor,
    goal: Goal,
    epsilon: float,
    learning_rate: float,
    const: float,
    steps: int,
    confidence: float,
    width: float,
    record: bool,
) -> BatchResult:
    lower, upper = linf_bounds(x, epsilon)
    current, best = x.clone(), x.clone()
    best_margin, best_size = (torch.full((len(x),), torch.inf, device=x.device) for _ in range(2))
    y = goal.classes
    first, best_step = torch.full_like(y, -1), torch.zeros_like(y)
    forwards, backwards = torch.full_like(y, steps + 1), torch.full_like(y, steps)
    zero_gradient = torch.zeros(len(x), device=x.device)
    mean, square = torch.zeros_like(x), torch.zeros_like(x)
    trajectory = Trajectories(x, record)
    for step in range(steps + 1):
        here = ForwardPass(victim, current)
        logits = here.logits
        gap, held, wanted = goal.shortfall(logits)
        size = (current - x).abs().flatten(1).amax(1)
        wrong = gap < 0
        # A success beats every failure; among successes the nearest, among failures the smallest margin.
        better = torch.where(wrong, size < best_size, best_size.isinf() & (gap < best_margin))
        best[better], best_margin[better], best_step[better] = current[better], gap[better].float(), step
        best_size = torch.where(better & wrong, size, best_size)
        first = torch.where(wrong & (first < 0), step, first)
        if step == steps:
            break
        active = (gap > -confidence).to(logits.dtype)
        cotangent = torch.zeros_like(logits).scatter_(1, held[:, None], active[:, None])
        cotangent = cotangent.scatter_(1, wanted[:, None], -active[:, None])
        pulled = here.vjp(cotangent)
        if step == 0:
            zero_gradient = goal.masked_share(pulled, logits)
        gradient = const * pulled + 2 * (current - x) * width**2
        mean = BETAS[0] * mean + (1 - BETAS[0]) * gradient
        square = BETAS[1] * square + (1 - BETAS[1]) * gradient**2
        moved = mean / (1 - BETAS[0] ** (step + 1)) / ((square / (1 - BETAS[1] ** (step + 1))).sqrt() + TINY)
        current = (current - learning_rate * moved).clamp(lower, upper)
        trajectory.add(torch.arange(len(x)), current)
    best = torch.where(per_sample(best_margin.isinf(), best), x, best)
    return BatchResult(
        best,
        torch.where(first < 0, best_step, first),
        forwards,
        backwards,
        zero_gradient,
        trajectory.ending_at((1 + best_step).tolist()),
        extra=goal.extra,
    )
