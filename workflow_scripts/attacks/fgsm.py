"""Fast gradient sign method (Goodfellow et al. 2015, "Explaining and harnessing adversarial examples")."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from workflow_scripts.attacks.gradients import Pass, Victim
from workflow_scripts.attacks.interface import Attempt, Outcome, at_least, run, span
from workflow_scripts.attacks.signed_steps import one_step

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
    """x_adv = x + epsilon * sign(gradient of the loss), clipped to [0, 1]: one step, one gradient.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `space`, the value range in which `epsilon` is given; `seed` and the
    inputs' numbers `indices`, which this attack has no use for, as it draws nothing; `record` for
    trajectories; `batch_size`, on which the result does not depend; `progress`. Raises ValueError for a
    parameter or an input out of its range.
    """
    at_least("epsilon", epsilon, 0)
    step = float(epsilon) / span(space)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: Pass) -> Attempt:
        return one_step(x, y, first, step, record)

    more = {"indices": indices, "record": record, "batch_size": batch_size, "progress": progress}
    return run(model, x, y, batch, shares_first=True, **more)
