"""Fast gradient sign method (Goodfellow et al. 2015, "Explaining and harnessing adversarial examples")."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, BatchResult, attack_in_batches, check_minimum, range_width
from workflow_scripts.attacks.gradients import ForwardPass, Victim
from workflow_scripts.attacks.linf_steps import fgsm_step

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
    """x_adv = x + epsilon * sign(gradient of the loss), clipped to [0, 1]: one step, one gradient.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `pixel_range`, the value range in which `epsilon` is given; `seed` and the
    inputs' numbers `indices`, which this attack has no use for, as it draws nothing; `record` for
    trajectories; `batch_size`, on which the result does not depend; `progress`. Raises ValueError for a
    parameter or an input out of its range.
    """
    check_minimum("epsilon", epsilon, 0)
    step = float(epsilon) / range_width(pixel_range)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: ForwardPass) -> BatchResult:
        return fgsm_step(x, y, first, step, record)

    more = {"indices": indices, "record": record, "batch_size": batch_size, "progress": progress}
    return attack_in_batches(model, x, y, batch, shares_first=True, **more)
