"""Ascent of the loss by signed gradient steps within an L-infinity ball: the core of FGSM, IGSM and PGD."""

from __future__ import annotations

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import BatchResult, Trajectories
from workflow_scripts.attacks.gradients import ForwardPass, Victim, log_odds, margin, masked_share


def linf_bounds(x: Tensor, epsilon: float | Tensor) -> tuple[Tensor, Tensor]:
    """The lower and upper bounds of the images within `epsilon` of `x` (N, C, H, W) and within [0, 1].

    `epsilon` is one for all features, or a tensor that broadcasts over the images; where it is 0, both are x.
    """
    return (x - epsilon).clamp_(min=0.0), (x + epsilon).clamp_(max=1.0)


def fgsm_step(x: Tensor, y: Tensor, first: ForwardPass, epsilon: float, record: bool) -> BatchResult:
    """x + epsilon * sign(gradient of the loss), clipped to [0, 1]; `epsilon` in [0, 1]; `first` is at x."""
    gradient = first.vjp(log_odds(first.logits, y)[1])
    lower, upper = linf_bounds(x, epsilon)
    x_adv = (x + epsilon * gradient.sign()).clamp(lower, upper)
    trajectory = Trajectories(x, record)
    trajectory.add(torch.arange(len(x)), x_adv)
    none, once = torch.zeros_like(y), torch.ones_like(y)
    return BatchResult(x_adv, once, none, once, masked_share(gradient, first.logits, y), trajectory.ending_at())


def ascend_linf(
    victim: Victim,
    x: Tensor,
    y: Tensor,
    start: Tensor,
    *,
    epsilon: float | Tensor,
    alpha: float,
    steps: int,
    stop_at_success: bool,
    record: bool,
    first: ForwardPass | None = None,
) -> BatchResult:
    """`steps` steps of size `alpha` from `start`, clipped to the ball of `epsilon` around `x` and [0, 1].

    With `stop_at_success` an image leaves the batch at its first success. Otherwise all steps are taken, and the last
    successful iterate is returned, or without one the iterate with the highest loss. `first` is a pass at `start`
    that was counted already.
    """
    n, everyone = len(x), torch.arange(len(x), device=x.device)
    lower, upper = linf_bounds(x, epsilon)
    best, best_loss = start.clone(), torch.full((n,), -torch.inf, device=x.device)
    first_success = torch.full_like(y, -1)
    best_step, forwards, backwards = torch.zeros_like(y), torch.zeros_like(y), torch.zeros_like(y)
    zero_gradient = torch.zeros(n, device=x.device)
    trajectory = Trajectories(x, record)
    moved = (start != x).flatten(1).any(1)
    trajectory.add(everyone[moved], start[moved])
    rows, current, labels = everyone, start, y
    for step in range(steps + 1):
        counted = step == 0 and first is not None
        here = first if counted else ForwardPass(victim, current) if step < steps else None
        logits = victim(current) if here is None else here.logits
        forwards[rows] += 0 if counted else 1
        loss, cotangent = log_odds(logits, labels)
        wrong = margin(logits, labels)[0] < 0
        better = wrong | ((first_success[rows] < 0) & (loss > best_loss[rows]))
        chosen = rows[better]
        best[chosen], best_loss[chosen], best_step[chosen] = current[better], loss[better].float(), step
        first_success[rows] = torch.where(wrong & (first_success[rows] < 0), step, first_success[rows])
        keep = ~wrong if stop_at_success else torch.ones_like(wrong)
        if here is None or step == steps or not keep.any():
            break
        gradient = here.vjp(cotangent)
        backwards[rows[keep]] += 1
        if step == 0:
            zero_gradient = masked_share(gradient, logits, labels)
        moved_to = (current + alpha * gradient.sign()).clamp_(lower[rows], upper[rows])
        if not keep.all():
            rows, moved_to, labels = rows[keep], moved_to[keep], labels[keep]
        current = moved_to
        trajectory.add(rows, current)
    # One frame for the input, one more where the start differs from it, one per step.
    last = (1 + moved.long() + best_step).tolist()
    iteration = torch.where(first_success < 0, best_step, first_success)
    return BatchResult(best, iteration, forwards, backwards, zero_gradient, trajectory.ending_at(last))


def random_signs_start(x: Tensor, uniforms: Tensor, epsilon: float) -> Tensor:
    """x ± epsilon with each feature's sign drawn from `uniforms` (N, C, H, W) in [0, 1), in the box."""
    signs = torch.where(uniforms < 0.5, -1.0, 1.0)
    return (x + epsilon * signs).clamp(0.0, 1.0)


def uniform_start(x: Tensor, uniforms: Tensor, epsilon: float | Tensor) -> Tensor:
    """A point of the ball of `epsilon` around `x`, uniform by `uniforms` in [0, 1), clipped to [0, 1]."""
    return (x + epsilon * (2.0 * uniforms - 1.0)).clamp(0.0, 1.0)
