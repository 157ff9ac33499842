"""Adam over images in tanh space (Kingma & Ba 2015; Carlini & Wagner 2017, section V.B)."""

from __future__ import annotations

import math

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import per_sample

SQUARE = 0.999
"""The decay of the running mean of squares (beta_2)."""


class TanhAdam:
    """Adam's variable w (R, C, H, W), of images (1 + tanh(w) / saturation) / 2 within [0, 1]."""

    def __init__(self, image: Tensor, saturation: float, decay: float) -> None:
        """Start at `image` (R, C, H, W) in [0, 1]; `decay` is that of the gradient's running mean (beta_1)."""
        self.saturation, self.decay = saturation, decay
        self.w = torch.atanh((2 * image - 1) * self.saturation)
        self.mean, self.square, self.steps = torch.zeros_like(self.w), torch.zeros_like(self.w), 0

    def image(self) -> Tensor:
        """The images of w, within [0, 1]."""
        return ((self.w.tanh() / self.saturation + 1) / 2).clamp_(0.0, 1.0)

    def step(self, ascent: Tensor, rate: Tensor) -> None:
        """One step of the learning rates `rate` (R,) down the gradient `ascent` of the loss by the images."""
        edge = math.atanh(self.saturation)
        gradient = ascent * (1 - self.w.tanh().square()) / (2 * self.saturation)
        self.steps += 1
        self.mean.lerp_(gradient, 1 - self.decay)
        self.square.lerp_(gradient.square(), 1 - SQUARE)
        pace = per_sample(rate / (1 - self.decay**self.steps), gradient)
        deviation = (self.square / (1 - SQUARE**self.steps)).sqrt() + 1e-8
        self.w = (self.w - pace * self.mean / deviation).clamp_(-edge, edge)

    def keep(self, chosen: Tensor) -> None:
        """Leave out the inputs that are not `chosen` (R,) bool."""
        self.w, self.mean, self.square = self.w[chosen], self.mean[chosen], self.square[chosen]
