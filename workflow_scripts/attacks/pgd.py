"""Projected gradient descent (Madry et al. 2018, "Towards deep learning models resistant to adversarial
attacks")."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from workflow_scripts.attacks.batches import (
    AttackResult,
    BatchResult,
    attack_in_batches,
    check_integer,
    check_minimum,
    range_width,
    uniform_like,
)
from workflow_scripts.attacks.gradients import ForwardPass, Victim
from workflow_scripts.attacks.linf_steps import ascend_linf, uniform_start

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
    random_start: bool = True,
    stop_at_success: bool = False,
    pixel_range: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> AttackResult:
    """`steps` steps of `alpha` along the gradient's signs, projected to the ball of `epsilon` and to [0, 1].

    The first point is uniform in the ball with `random_start`, and x without. All steps are taken and the
    last successful iterate is returned, or with `stop_at_success` the first. A failure returns the iterate
    with the highest loss.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `pixel_range`, the value range in which `epsilon` and `alpha` are given;
    `seed` and the inputs' numbers `indices`, which decide each input's own stream of random numbers; `record`
    for trajectories; `batch_size`, on which the result does not depend; `progress`. Raises ValueError for a
    parameter or an input out of its range.
    """
    check_minimum("epsilon", epsilon, 0)
    check_minimum("alpha", alpha, 0)
    steps = check_integer("steps", steps, 0)
    width = range_width(pixel_range)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: ForwardPass | None = None) -> BatchResult:
        start = uniform_start(x, uniform_like(x, seed, indices), float(epsilon) / width) if random_start else x
        return ascend_linf(
            victim,
            x,
            y,
            start,
            epsilon=float(epsilon) / width,
            alpha=float(alpha) / width,
            steps=steps,
            stop_at_success=stop_at_success,
            record=record,
            first=first,
        )

    more = {"indices": indices, "record": record, "batch_size": batch_size, "progress": progress}
    return attack_in_batches(model, x, y, batch, shares_first=not random_start, **more)
