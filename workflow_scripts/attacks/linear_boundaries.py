"""The nearest point of the box beyond a linearised class boundary."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import ForwardPass

# Doublings of a step's length until it crosses a boundary that can be crossed; halvings of the last doubling.
DOUBLINGS, HALVINGS = 30, 15


@dataclass(frozen=True)
class Nearest:
    """The nearest class boundary of each of N images, boundaries being linearised at the image.

    rival: (N,) int64, the class beyond it. distance: (N,), in L2 and within the box; infinite where no class
    can be reached. weight: (N,), the c above which c * (z_y - z_rival) outweighs ||r||_2^2 up to the boundary.
    zeros: (N,), share of exact zeros in the gradient of z_y - the runner-up's logit.
    """

    rival: Tensor
    distance: Tensor
    weight: Tensor
    zeros: Tensor


def nearest_boundary(
    here: ForwardPass, x: Tensor, y: Tensor, candidates: int, beyond: Tensor, rivals: Tensor | None = None
) -> Nearest:
    """Linearise z_y - z_k at `x` (N, C, H, W) in [0, 1] for the `candidates` wrong classes k of largest logit.

    here: the forward pass at `x`. beyond: (N,), by how much z_k must exceed z_y. rivals: other classes k (N, K).
    """
    right = here.logits.gather(1, y[:, None])
    if rivals is None:
        ordered = here.logits.scatter(1, y[:, None], -torch.inf).argsort(dim=1, descending=True, stable=True)
        rivals = ordered[:, : min(candidates, ordered.shape[1] - 1)]
    found = Nearest(rivals[:, 0], beyond.new_full(y.shape, torch.inf), *(torch.zeros_like(beyond) for _ in range(2)))
    for k, rival in enumerate(rivals.T):
        cotangent = torch.zeros_like(here.logits).scatter(1, y[:, None], -1.0).scatter(1, rival[:, None], 1.0)
        normal = here.vjp(cotangent, keep_graph=k + 1 < rivals.shape[1]).flatten(1)
        gap = (right - here.logits.gather(1, rival[:, None]))[:, 0] + beyond
        t, distance = _step_within_the_box(x.flatten(1), normal, gap.to(x.dtype))
        nearer = distance < found.distance
        found = Nearest(
            torch.where(nearer, rival, found.rival),
            torch.where(nearer, distance, found.distance),
            torch.where(nearer, 2 * t, found.weight),
            (normal == 0).float().mean(1) if k == 0 else found.zeros,
        )
    return found


def _step_within_the_box(x: Tensor, normal: Tensor, gap: Tensor) -> tuple[Tensor, Tensor]:
    """The t (N,) at which r = clip(x + t * normal, 0, 1) - x (N, D) reaches normal . r >= gap (N,); and ||r||_2.

    It is the smallest such r: the multiplier of the constraint is 2t. Infinite where the box ends before.
    """

    def reach(t: Tensor) -> tuple[Tensor, Tensor]:
        r = (x + t[:, None] * normal).clamp_(0.0, 1.0).sub_(x)
        return (r * normal).sum(1) >= gap, r

    farthest = torch.where(normal > 0, (1 - x) * normal, -x * normal).sum(1)
    possible = (farthest > gap) & (gap > 0)
    t = (gap / normal.square().sum(1)).where(possible, 0.0)
    for _ in range(DOUBLINGS):
        short = ~reach(t)[0] & possible
        if not short.any():
            break
        t = torch.where(short, 2 * t, t)
    low = t / 2
    for _ in range(HALVINGS):
        middle = (low + t) / 2
        enough, _ = reach(middle)
        t, low = torch.where(enough, middle, t), torch.where(enough, low, middle)
    enough, r = reach(t)
    reached = enough & possible
    return t.where(reached, torch.inf), r.norm(dim=1).where(reached, torch.inf)
