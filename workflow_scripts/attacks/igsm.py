"""Iterative gradient sign method (Kurakin et al. 2017, "Adversarial examples in the physical world")."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from workflow_scripts.attacks.gradients import Pass, Victim
from workflow_scripts.attacks.interface import Attempt, Outcome, at_least, run, span, whole
from workflow_scripts.attacks.signed_steps import climb

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
    space: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> Outcome:
    """`steps` steps of `alpha` along the gradient's signs, clipped to within `epsilon` of x and to [0, 1].

    With `stop_at_success` an input stops at its first success; otherwise its last successful iterate is
    returned. A failure returns the iterate with the highest loss.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `space`, the value range in which `epsilon` and `alpha` are given;
    `seed` and the inputs' numbers `indices`, which this attack has no use for, as it draws nothing; `record`
    for trajectories; `batch_size`, on which the result does not depend; `progress`. Raises ValueError for a
    parameter or an input out of its range.
    """
    at_least("epsilon", epsilon, 0)
    at_least("alpha", alpha, 0)
    steps = whole("steps", steps, 0)
    width = span(space)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: Pass) -> Attempt:
        return climb(
            victim,
            x,
            y,
            x,
            epsilon=float(epsilon) / width,
            alpha=float(alpha) / width,
            steps=steps,
            stop_at_success=stop_at_success,
            record=record,
            first=first,
        )

    more = {"indices": indices, "record": record, "batch_size": batch_size, "progress": progress}
    return run(model, x, y, batch, shares_first=True, **more)
