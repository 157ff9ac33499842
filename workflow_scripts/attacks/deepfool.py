"""DeepFool for the L2 norm (Moosavi-Dezfooli, Fawzi & Frossard 2016, algorithm 2)."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, BatchResult, Trajectories, attack_in_batches
from workflow_scripts.attacks.gradients import ForwardPass, Victim, per_sample, zero_share
from workflow_scripts.attacks.options import AttackOptions, check_integer, check_minimum

NORM = "l2"
"""The norm that the attack keeps small, by its name in `distances`."""

# Every step but the first is longer by this share of the way so far. Near the boundary, and where the box
# cuts steps short, plain steps shrink towards nothing without crossing. A constant length would depend on
# the images' scale.
NUDGE = 1e-3


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    candidates: int = 10,
    overshoot: float = 0.02,
    steps: int = 50,
    **keywords: Any,
) -> AttackResult:
    """Step to the nearest of the linearised class boundaries until the model is wrong.

    `candidates` classes of largest logit at x are considered, the right one among them; the sum of the steps
    is lengthened by the factor 1 + `overshoot`, which takes it across the boundary; `steps` at most. On an
    affine model the distance is (1 + overshoot) times the smallest there is, whatever the scale of images and
    logits. A failure returns the iterate with the smallest margin.

    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. No parameter is a distance, so `pixel_range` changes
    nothing. Further keywords: those of `AttackOptions`.
    Raises ValueError for a parameter or an image out of its range.
    """
    options = AttackOptions(**keywords)
    candidates = check_integer("candidates", candidates, 2)
    check_minimum("overshoot", overshoot, 0)
    steps = check_integer("steps", steps, 0)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor) -> BatchResult:
        return _batch(victim, x, y, candidates, 1.0 + float(overshoot), steps, options.record)

    return attack_in_batches(model, x, y, batch, options)


def _batch(
    victim: Victim, x: Tensor, y: Tensor, candidates: int, stretch: float, steps: int, record: bool
) -> BatchResult:
    best, best_margin = x.clone(), torch.full((len(x),), torch.inf, device=x.device)
    best_step, forwards, backwards = torch.zeros_like(y), torch.zeros_like(y), torch.zeros_like(y)
    zero_gradient = torch.zeros(len(x), device=x.device)
    trajectory = Trajectories(x, record)
    rows, current, total = torch.arange(len(x), device=x.device), x, torch.zeros_like(x)
    rivals = torch.empty(0)
    for step in range(steps + 1):
        here = ForwardPass(victim, current)
        logits = here.logits
        if step == 0:
            order = logits.scatter(1, y[:, None], -torch.inf).argsort(1, descending=True)
            rivals = order[:, : min(candidates, logits.shape[1]) - 1]
        forwards[rows] += 1
        gap = logits.gather(1, y[rows, None]) - logits.gather(1, rivals[rows])
        margin = (logits.gather(1, y[rows, None])[:, 0] - logits.scatter(1, y[rows, None], -torch.inf).amax(1)).float()
        better = margin < best_margin[rows]
        chosen = rows[better]
        best[chosen], best_margin[chosen], best_step[chosen] = current[better], margin[better], step
        keep = margin >= 0
        if step == steps or not keep.any():
            break
        normals = _boundary_normals(here, y[rows], rivals[rows])
        backwards[rows[keep]] += rivals.shape[1]
        if step == 0:
            zero_gradient = zero_share(normals[:, 0])
        move, reachable = _to_nearest_boundary(gap, normals, NUDGE * total.flatten(1).norm(dim=1))
        keep &= reachable
        if not keep.any():
            break
        rows, total = rows[keep], total[keep] + move[keep]
        current = (x[rows] + stretch * total).clamp_(0.0, 1.0)
        trajectory.add(rows, current)
    return BatchResult(
        best, best_step, forwards, backwards, zero_gradient, trajectory.ending_at((1 + best_step).tolist())
    )


def _boundary_normals(here: ForwardPass, y: Tensor, rivals: Tensor) -> Tensor:
    """Gradients (N, K, C, H, W) of z_k - z_y for the rivals k (N, K)."""
    normals = []
    for k, rival in enumerate(rivals.T):
        cotangent = torch.zeros_like(here.logits).scatter_(1, y[:, None], -1.0).scatter_(1, rival[:, None], 1.0)
        normals.append(here.vjp(cotangent, keep_graph=k + 1 < rivals.shape[1]))
    return torch.stack(normals, 1)


def _to_nearest_boundary(gap: Tensor, normals: Tensor, further: Tensor) -> tuple[Tensor, Tensor]:
    """The step (N, C, H, W) to the nearest boundary and `further` (N,), and whether there is one (N,).

    Boundary k is at distance gap_k / ||w_k||, in the direction of w_k.
    """
    norms = normals.flatten(2).norm(dim=2)
    distance, nearest = (gap / norms).where(norms > 0, torch.inf).min(1)
    row = torch.arange(len(gap), device=gap.device)
    reachable = distance.isfinite()
    length = ((distance + further) / norms[row, nearest]).where(reachable, 0.0).to(normals.dtype)
    return per_sample(length, normals[:, 0]) * normals[row, nearest], reachable
