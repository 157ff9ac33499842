"""The class that a targeted attack is to reach."""

from __future__ import annotations

import torch
from torch import Tensor

from workflow_scripts.attacks.options import AttackError

TARGETS = ("none", "runner_up", "least_likely", "next")
"""What `target` may be beside a class's number."""


def target_classes(logits: Tensor, y: Tensor, target: str | int) -> Tensor:
    """The target (N,) int64 of images with these clean `logits` (N, classes) and labels `y` (N,).

    target: "runner_up" and "least_likely" are the wrong classes of the largest and smallest logit, "next" is
    (y + 1) modulo the number of classes, and a number is that class; images of that class itself get the runner-up.
    AttackError for any other target.
    """
    classes = logits.shape[1]
    runner_up = logits.scatter(1, y[:, None], -torch.inf).argmax(1)
    if target == "runner_up":
        return runner_up
    if target == "least_likely":
        return logits.scatter(1, y[:, None], torch.inf).argmin(1)
    if target == "next":
        return (y + 1) % classes
    number = -1 if isinstance(target, str | bool) or target != int(target) else int(target)
    if not 0 <= number < classes:
        raise AttackError(f"target: is {target!r}; it may be {', '.join(TARGETS)} or a class from 0 to {classes - 1}")
    return torch.where(y == number, runner_up, number)
