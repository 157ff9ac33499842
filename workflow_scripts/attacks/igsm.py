"""Iterative gradient sign method (Kurakin et al. 2017, "Adversarial examples in the physical world")."""

from __future__ import annotations

from typing import Any

from torch import Tensor

from workflow_scripts.attacks import pgd
from workflow_scripts.attacks.batches import AttackResult
from workflow_scripts.attacks.gradients import Victim

NORM = "linf"
"""The norm that the attack keeps small, by its name in `distances`."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    alpha: float,
    steps: int,
    stop_at_success: bool = True,
    target: str | int = "none",
    **keywords: Any,
) -> AttackResult:
    """PGD from x itself, without a random start; by default it ends at an image's first success.

    Arguments, errors and result are those of `pgd.attack`.
    """
    return pgd.attack(
        model,
        x,
        y,
        epsilon=epsilon,
        alpha=alpha,
        steps=steps,
        random_start=False,
        stop_at_success=stop_at_success,
        target=target,
        **keywords,
    )
