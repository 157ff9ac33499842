"""Affine classifiers and their nearest adversarial images in closed form."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor, nn


@dataclass(frozen=True)
class Case:
    """A victim with images (N, C, H, W) float32 in [0, 1] and labels (N,) int64."""

    model: nn.Module
    x: Tensor
    y: Tensor


def affine(scale: float = 1.0, saturated: bool = False, n: int = 40) -> Case:
    """An affine classifier of images (N, 3, 6, 6), its logits multiplied by `scale`, right about all of them.

    With `saturated` about half of the pixels are at an end of the range; otherwise all are far from both.
    """
    generator = torch.Generator().manual_seed(3)
    layer = nn.Linear(108, 10)
    layer.weight.data = torch.randn(10, 108, generator=generator) * scale
    layer.bias.data = torch.randn(10, generator=generator) * scale
    uniform = torch.rand(n, 3, 6, 6, generator=generator)
    x = (2 * uniform - 0.5).clamp(0, 1) if saturated else 0.25 + 0.5 * uniform
    model = nn.Sequential(nn.Flatten(), layer).eval()
    return Case(model, x, model(x).argmax(1))


def affine_optimum(case: Case) -> Tensor:
    """The smallest L2 distance (N,) within [0, 1] at which an affine model is wrong.

    For each class the nearest point of the box beyond the boundary is clip(x + t * w), t by bisection. That r
    minimises ||r||^2 - 2t (w . r - gap) feature by feature within the box, and w . r = gap there; so it solves
    the quadratic programme of the smallest ||r||^2 with w . r >= gap and x + r in the box.
    """
    weight, bias = case.model[1].weight.data.double(), case.model[1].bias.data.double()
    x, y = case.x.double().flatten(1), case.y
    best = torch.full((len(x),), torch.inf, dtype=torch.double)
    for k in range(len(weight)):
        normal = weight[k] - weight[y]
        gap = bias[y] - bias[k] - (normal * x).sum(1)
        low, high = torch.zeros(len(x), dtype=torch.double), torch.full((len(x),), 1e6, dtype=torch.double)
        for _ in range(100):
            t = (low + high) / 2
            enough = (((x + t[:, None] * normal).clamp(0, 1) - x) * normal).sum(1) >= gap
            low, high = torch.where(enough, low, t), torch.where(enough, t, high)
        r = (x + high[:, None] * normal).clamp(0, 1) - x
        reaches = ((r * normal).sum(1) >= gap - 1e-9) & (y != k)
        best = torch.where(reaches, torch.minimum(best, r.norm(dim=1)), best)
    return best
