"""Ascent of the loss by gradient steps within a ball: the core of FGSM, IGSM and PGD."""

from __future__ import annotations

import torch
from torch import Tensor

from workflow_scripts.attacks.balls import Ball, LinfBall
from workflow_scripts.attacks.batches import BatchResult, Trajectories
from workflow_scripts.attacks.goals import Goal
from workflow_scripts.attacks.gradients import ForwardPass, Victim


def single_step(x: Tensor, goal: Goal, first: ForwardPass, ball: Ball, epsilon: float, record: bool) -> BatchResult:
    """One step of `epsilon` from x within its ball; `epsilon` in [0, 1] pixel values; `first` is at x."""
    gradient = first.vjp(goal.loss(first.logits)[1])
    rows = torch.arange(len(x), device=x.device)
    x_adv = ball.step(x, gradient, epsilon, rows)
    trajectory = Trajectories(x, record)
    trajectory.add(rows, x_adv)
    none, once = torch.zeros_like(goal.classes), torch.ones_like(goal.classes)
    masked = goal.masked_share(gradient, first.logits)
    return BatchResult(x_adv, once, none, once, masked, trajectory.ending_at(), extra=goal.extra)


def fgsm_step(x: Tensor, y: Tensor, first: ForwardPass, epsilon: float, record: bool) -> BatchResult:
    """x + epsilon * sign(gradient of the loss), clipped to [0, 1]; `epsilon` in [0, 1]; `first` is at x."""
    return single_step(x, Goal(y), first, LinfBall(x, epsilon), epsilon, record)


def ascend_linf(
    victim: Victim, x: Tensor, y: Tensor, start: Tensor, *, epsilon: float | Tensor, alpha: float, **more
) -> BatchResult:
    """`ascend` away from the labels `y` in the L-infinity ball of `epsilon` around `x`."""
    return ascend(victim, x, Goal(y), start, ball=LinfBall(x, epsilon), alpha=alpha, **more)


def ascend(
    victim: Victim,
    x: Tensor,
    goal: Goal,
    start: Tensor,
    *,
    ball: Ball,
    alpha: float,
    steps: int,
    stop_at_success: bool,
    record: bool,
    first: ForwardPass | None = None,
) -> BatchResult:
    """`steps` steps of size `alpha` from `start` within the ball around `x` (N, C, H, W) and [0, 1].

    With `stop_at_success` an image leaves the batch at its first success. Otherwise all steps are taken, and the last
    successful iterate is returned, or without one the iterate with the highest loss. `first` is a pass at `start`
    that was counted already.
    """
    n, everyone, none = len(x), torch.arange(len(x), device=x.device), torch.zeros_like(goal.classes)
    best, best_loss = start.clone(), torch.full((n,), -torch.inf, device=x.device)
    first_success = torch.full_like(none, -1)
    best_step, forwards, backwards = none.clone(), none.clone(), none.clone()
    zero_gradient = torch.zeros(n, device=x.device)
    trajectory = Trajectories(x, record)
    moved = (start != x).flatten(1).any(1)
    trajectory.add(everyone[moved], start[moved])
    rows, current, wanted = everyone, start, goal
    for step in range(steps + 1):
        counted = step == 0 and first is not None
        here = first if counted else ForwardPass(victim, current) if step < steps else None
        logits = victim(current) if here is None else here.logits
        forwards[rows] += 0 if counted else 1
        loss, cotangent = wanted.loss(logits)
        reached = wanted.reached(logits)
        better = reached | ((first_success[rows] < 0) & (loss > best_loss[rows]))
        chosen = rows[better]
        best[chosen], best_loss[chosen], best_step[chosen] = current[better], loss[better].float(), step
        first_success[rows] = torch.where(reached & (first_success[rows] < 0), step, first_success[rows])
        keep = ~reached if stop_at_success else torch.ones_like(reached)
        if here is None or step == steps or not keep.any():
            break
        gradient = here.vjp(cotangent)
        backwards[rows[keep]] += 1
        if step == 0:
            zero_gradient = wanted.masked_share(gradient, logits)
        moved_to = ball.step(current, gradient, alpha, rows)
        if not keep.all():
            rows, moved_to, wanted = rows[keep], moved_to[keep], wanted.only(keep)
        current = moved_to
        trajectory.add(rows, current)
    # One frame for the input, one more where the start differs from it, one per step.
    last = (1 + moved.long() + best_step).tolist()
    iteration = torch.where(first_success < 0, best_step, first_success)
    return BatchResult(
        best, iteration, forwards, backwards, zero_gradient, trajectory.ending_at(last), extra=goal.extra
    )
