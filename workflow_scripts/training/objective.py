"""What a training step minimises: a function of the model and a batch, called by the trainer.

An objective returns the batch's mean loss, to be differentiated, and the logits that the running accuracy is counted
from. Random numbers come from torch's generator, which the trainer seeds for each step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import torch.nn.functional as F
from torch import Tensor, nn

from workflow_scripts.training.precision import forward


class Objective(Protocol):
    """`x`: float32 images (B, C, H, W) in [0, 1], augmented; `y`: labels (B,); `chosen`: their places in the set."""

    def __call__(self, model: nn.Module, x: Tensor, y: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]: ...


@dataclass(frozen=True)
class CrossEntropy:
    """Cross-entropy against the labels, of softmax(logits / temperature)."""

    label_smoothing: float = 0.0
    temperature: float = 1.0
    precision: str = "float32"

    def __call__(self, model: nn.Module, x: Tensor, y: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        logits = forward(model, x, self.precision)
        scaled = logits if self.temperature == 1 else logits / self.temperature
        return F.cross_entropy(scaled, y, label_smoothing=self.label_smoothing), logits


@dataclass(frozen=True)
class SoftLabels:
    """Cross-entropy against a teacher's probabilities (information_flow paper, Q4; Papernot et al. 2016).

    probabilities: softmax(teacher's logits / temperature) of every training image (N, classes), on the device.
    """

    probabilities: Tensor
    temperature: float
    precision: str = "float32"

    def __call__(self, model: nn.Module, x: Tensor, y: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        logits = forward(model, x, self.precision)
        return F.cross_entropy(logits / self.temperature, self.probabilities[chosen]), logits
