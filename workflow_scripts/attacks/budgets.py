"""Whether attacked images stay in the box [0, 1] and in a ball around their inputs, and how they get back there."""

from __future__ import annotations

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import per_sample

ROUNDING = 1e-5
"""How far beyond a budget, relative to it, counts as rounding; beside it 1e-6 of the range of pixel values."""


def measured(
    x: Tensor, x_adv: Tensor, epsilon: float | None, norm: str, clip: bool
) -> tuple[Tensor, dict[str, Tensor]]:
    """`x_adv` (N, C, H, W), clipped if asked, and which of the images left the box and the ball before that.

    The second value has `outside_box` and, with a budget `epsilon` in [0, 1] pixel values, `outside_ball` (N,) bool.
    """
    left = {"outside_box": outside_box(x_adv)}
    if epsilon is not None:
        left["outside_ball"] = outside_ball(x, x_adv, epsilon, norm)
    return (clipped(x, x_adv, epsilon, norm) if clip else x_adv), left


def outside_box(x_adv: Tensor) -> Tensor:
    """Which images (N, C, H, W) have a pixel outside [0, 1] or one that is no number, (N,) bool."""
    return ~((x_adv >= 0) & (x_adv <= 1)).flatten(1).all(1)


def outside_ball(x: Tensor, x_adv: Tensor, epsilon: float, norm: str) -> Tensor:
    """Which `x_adv` are farther from `x` (N, C, H, W) than `epsilon` in the norm l0, l2 or linf, (N,) bool.

    In l0, `epsilon` is a share of the features.
    """
    r = (x_adv.double() - x.double()).flatten(1)
    sizes = {"l0": lambda: (r != 0).double().mean(1), "l2": lambda: r.norm(dim=1), "linf": lambda: r.abs().amax(1)}
    return ~(sizes[norm]() <= epsilon * (1 + ROUNDING) + (0 if norm == "l0" else 1e-6))


def clipped(x: Tensor, x_adv: Tensor, epsilon: float | None, norm: str) -> Tensor:
    """`x_adv` moved into the ball (l2: along the line to `x`) and then into [0, 1], which leads out of no ball.

    ValueError for a ball in l0, into which there is no nearest way.
    """
    if epsilon is not None:
        if norm == "l0":
            raise ValueError("clip: an l0 budget cannot be clipped to")
        r = x_adv - x
        if norm == "linf":
            r = r.clamp(-epsilon, epsilon)
        else:
            size = r.flatten(1).norm(dim=1)
            r = r * per_sample((epsilon / size.clamp(min=torch.finfo(size.dtype).tiny)).clamp(max=1.0), r)
        x_adv = x + r
    return x_adv.clamp(0.0, 1.0)
