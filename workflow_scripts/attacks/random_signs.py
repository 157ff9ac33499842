"""Random signs: the baseline that an attack with gradients of the same size has to beat."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import (
    AttackResult,
    BatchResult,
    Trajectories,
    attack_in_batches,
    check_minimum,
    range_width,
    uniform_like,
)
from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.linf_steps import random_signs_start

NORM = "linf"
"""The norm that the attack keeps small, by its name in `distances`."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    pixel_range: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> AttackResult:
    """x_adv = x + epsilon * s, clipped to [0, 1], with every feature's sign s = -1 or 1 drawn evenly.

    It looks at no gradient (`zero_gradient` is 0) and tries once.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `pixel_range`, the value range in which `epsilon` is given; `seed` and the
    inputs' numbers `indices`, which decide each input's own stream of random numbers; `record` for
    trajectories; `batch_size`, on which the result does not depend; `progress`. Raises ValueError for a
    parameter or an input out of its range.
    """
    check_minimum("epsilon", epsilon, 0)
    size = float(epsilon) / range_width(pixel_range)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor) -> BatchResult:
        x_adv = random_signs_start(x, uniform_like(x, seed, indices), size)
        trajectory = Trajectories(x, record)
        trajectory.add(torch.arange(len(x)), x_adv)
        none, once = torch.zeros_like(y), torch.ones_like(y)
        return BatchResult(x_adv, once, none, none, torch.zeros(len(x)), trajectory.ending_at())

    return attack_in_batches(
        model, x, y, batch, indices=indices, record=record, batch_size=batch_size, progress=progress
    )
