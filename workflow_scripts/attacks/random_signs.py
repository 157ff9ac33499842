"""Random signs: the baseline that an attack with gradients of the same size has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.interface import (
    Attempt,
    Outcome,
    Trajectories,
    at_least,
    run,
    span,
    uniform_like,
)
from workflow_scripts.attacks.signed_steps import random_corner

NORM = "linf"
"""The norm that the attack keeps small, by its name in `distances`."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    space: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> Outcome:
    """x_adv = x + epsilon * s, clipped to [0, 1], with every feature's sign s = -1 or 1 drawn evenly.

    It looks at no gradient (`zero_gradient` is 0) and tries once.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `space`, the value range in which `epsilon` is given; `seed` and the
    inputs' numbers `indices`, which decide each input's own stream of random numbers; `record` for
    trajectories; `batch_size`, on which the result does not depend; `progress`. Raises ValueError for a
    parameter or an input out of its range.
    """
    at_least("epsilon", epsilon, 0)
    size = float(epsilon) / span(space)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor) -> Attempt:
        x_adv = random_corner(x, uniform_like(x, seed, indices), size)
        trajectory = Trajectories(x, record)
        trajectory.add(torch.arange(len(x)), x_adv)
        none, once = torch.zeros_like(y), torch.ones_like(y)
        return Attempt(x_adv, once, none, none, torch.zeros(len(x)), trajectory.ending_at())

    return run(model, x, y, batch, indices=indices, record=record, batch_size=batch_size, progress=progress)
