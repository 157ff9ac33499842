"""The balls that attacks by gradient steps stay in: how a step is taken, and where a random start lies."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import uniform_like, uniforms
from workflow_scripts.attacks.gradients import per_sample
from workflow_scripts.attacks.linf_steps import linf_bounds, uniform_start


class Ball(Protocol):
    """The images within a budget of `x` and within [0, 1]."""

    def step(self, current: Tensor, gradient: Tensor, size: float, rows: Tensor) -> Tensor:
        """`current` (R, C, H, W), the inputs `rows`, moved by `size` up the gradient and back into the ball."""

    def random_start(self, seed: int, indices: Tensor) -> Tensor:
        """A uniform point of the ball, clipped to [0, 1]; image i draws from the stream (seed, indices[i])."""


class LinfBall:
    """The L∞ ball of `epsilon` around `x` (N, C, H, W); `epsilon` may be a tensor that broadcasts over the images."""

    def __init__(self, x: Tensor, epsilon: float | Tensor) -> None:
        self.x, self.epsilon = x, epsilon
        self.lower, self.upper = linf_bounds(x, epsilon)

    def step(self, current: Tensor, gradient: Tensor, size: float, rows: Tensor) -> Tensor:
        return (current + size * gradient.sign()).clamp_(self.lower[rows], self.upper[rows])

    def random_start(self, seed: int, indices: Tensor) -> Tensor:
        return uniform_start(self.x, uniform_like(self.x, seed, indices), self.epsilon)


@dataclass(frozen=True)
class L2Ball:
    """The L2 ball of `epsilon` around `x` (N, C, H, W)."""

    x: Tensor
    epsilon: float

    def step(self, current: Tensor, gradient: Tensor, size: float, rows: Tensor) -> Tensor:
        x = self.x[rows]
        r = current + size * _unit(gradient) - x
        length = r.flatten(1).norm(dim=1)
        r = r * per_sample((self.epsilon / length.clamp(min=_TINY)).clamp(max=1.0), r)
        # Clipping brings every pixel nearer to x, which is in [0, 1] itself.
        return (x + r).clamp_(0.0, 1.0)

    def random_start(self, seed: int, indices: Tensor) -> Tensor:
        """A direction by normal draws, and a radius with the density of a ball in as many dimensions as features."""
        features = self.x[0].numel()
        draws = uniforms(seed, indices, features + 1).to(self.x.device)
        # Draws are multiples of 2^-24 below 1: half of that keeps the normal deviates finite.
        normal = torch.special.ndtri((draws[:, 1:] + 2.0**-25).double()).float().reshape(self.x.shape)
        radius = self.epsilon * draws[:, 0].double().pow(1 / features).float()
        return (self.x + per_sample(radius, normal) * _unit(normal)).clamp_(0.0, 1.0)


_TINY = torch.finfo(torch.float32).tiny


def _unit(gradient: Tensor) -> Tensor:
    """Gradients (N, C, H, W) of L2 norm 1; those that are zero stay so."""
    scale = gradient.flatten(1).abs().amax(1).clamp(min=_TINY)
    scaled = gradient / per_sample(scale, gradient)
    return scaled / per_sample(scaled.flatten(1).norm(dim=1).clamp(min=1.0), scaled)


def ball(x: Tensor, epsilon: float, norm: str) -> Ball:
    """The ball around `x` in the norm "linf" or "l2"; ValueError for another."""
    if norm not in ("linf", "l2"):
        raise ValueError(f"norm: is {norm!r}; it may be 'linf' or 'l2'")
    return LinfBall(x, epsilon) if norm == "linf" else L2Ball(x, epsilon)
