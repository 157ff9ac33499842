"""Adversarial training: each step minimises the loss on images that an attack has just made (Madry et al. 2018).

Every attack step is one forward and one backward pass by the images alone: the parameters are frozen meanwhile, and
batch norms use their running statistics, which the attack's passes must not move (Pang et al. 2021 find this slightly
better than batch statistics). The passes have the training's precision.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workflow_scripts.attacks.gradients import frozen_parameters, log_odds
from workflow_scripts.attacks.linf_steps import linf_bounds, uniform_start
from workflow_scripts.training.precision import forward


@dataclass(frozen=True)
class Guard:
    """Prevents catastrophic overfitting, in which a model resists one-step attacks and nothing else.

    After an epoch in which the validation images' accuracy under FGSM exceeds that under PGD by more than `gap`, the
    next epoch's attacks take `steps` steps of `alpha` (after Li et al. 2020, "Towards understanding fast adversarial
    training", which also falls back on PGD where PGD finds the model overfitted).
    """

    gap: float
    steps: int
    alpha: float


@dataclass(frozen=True)
class PgdAttack:
    """`steps` signed gradient steps of `alpha` within ±`epsilon`; all in the images' range [0, 1].

    precision: of its passes, and of the training step's."""

    epsilon: float
    alpha: float
    steps: int
    random_start: bool = True
    precision: str = "float32"

    def __call__(self, model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
        """Images (N, C, H, W) near `x` on which the model's loss is high; the random start is torch's generator's.

        The model's mode and its parameters' `requires_grad` are restored afterwards.
        """
        lower, upper = linf_bounds(x, self.epsilon)
        current = uniform_start(x, torch.rand_like(x), self.epsilon) if self.random_start else x
        training = model.training
        model.eval()
        try:
            with frozen_parameters(model):
                for _ in range(self.steps):
                    current = current.detach().requires_grad_(True)
                    logits = forward(model, current, self.precision)
                    # Where the cross-entropy saturates its gradient is zero; this one has the same sign and is not.
                    (gradient,) = torch.autograd.grad(logits, current, log_odds(logits.detach(), y)[1])
                    current = (current.detach() + self.alpha * gradient.sign()).clamp(lower, upper)
        finally:
            model.train(training)
        return current.detach()


class AdversarialCrossEntropy:
    """The objective: cross-entropy against the labels on the adversarial images that `attack` makes of the batch.

    history: the training's history so far, which tells the guard whether to act; it is part of a saved state,
        so a resumed training decides as an uninterrupted one does.
    """

    def __init__(
        self,
        attack: PgdAttack,
        label_smoothing: float = 0.0,
        guard: Guard | None = None,
        history: Callable[[], list[dict]] = list,
    ):
        self.attack, self.label_smoothing, self.guard, self.history = attack, label_smoothing, guard, history

    def __call__(self, model: nn.Module, x: Tensor, y: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor]:
        logits = forward(model, self.attack_now()(model, x, y), self.attack.precision)
        return F.cross_entropy(logits, y, label_smoothing=self.label_smoothing), logits

    def attack_now(self) -> PgdAttack:
        """The attack of the coming step: the usual one, or the guard's after an epoch that overfitted."""
        if self.guard is None or not overfitted(self.history(), self.guard.gap):
            return self.attack
        return replace(self.attack, alpha=self.guard.alpha, steps=self.guard.steps)


def overfitted(history: list[dict], gap: float) -> bool:
    """Whether the last measured epoch resisted FGSM better than PGD by more than `gap` (a share of the images)."""
    measured = [row for row in history if row["fgsm_validation_accuracy"] == row["fgsm_validation_accuracy"]]
    if not measured:
        return False
    return measured[-1]["fgsm_validation_accuracy"] - measured[-1]["pgd_validation_accuracy"] > gap
