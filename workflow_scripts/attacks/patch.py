"""Adversarial patch within an L-infinity ball (Karmon et al. 2018, "LaVAN", bounded as in "attack signatures",
section 3.2)."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import Pass, Victim
from workflow_scripts.attacks.interface import Attempt, Outcome, at_least, run, span, uniform_like, uniforms, whole
from workflow_scripts.attacks.signed_steps import climb, random_point

NORM = "linf"
"""The norm that the attack keeps small, by its name in `distances`."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    patch_size: int,
    alpha: float = 0.01,
    steps: int = 100,
    random_start: bool = True,
    stop_at_success: bool = False,
    space: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> Outcome:
    """Projected gradient descent within `epsilon` of x, in a square of `patch_size` pixels a side; x elsewhere.

    The square's place is drawn for each input, evenly from all that lie within the image, up to its last row
    and column. `steps` steps of `alpha` along the gradient's signs, from a uniform point of the ball with
    `random_start` and from x without. All steps are taken and the last successful iterate is returned, or with
    `stop_at_success` the first. A failure returns the iterate with the highest loss. The paper gives no size of
    a step; 0.01 is that of its projected gradient descent.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `space`, the value range in which `epsilon` and `alpha` are given;
    `seed` and the inputs' numbers `indices`, which decide each input's own stream of random numbers, the first
    two of which are its place; `record` for trajectories; `batch_size`, on which the result does not depend;
    `progress`. Raises ValueError for a parameter or an input out of its range.
    """
    at_least("epsilon", epsilon, 0)
    at_least("alpha", alpha, 0)
    steps, patch_size = whole("steps", steps, 0), whole("patch_size", patch_size, 1)
    width = span(space)
    if x.dim() == 4 and patch_size > min(x.shape[2:]):
        raise ValueError(f"patch_size: is {patch_size}; the images are {x.shape[2]} x {x.shape[3]}")

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: Pass | None = None) -> Attempt:
        mask = squares(x, patch_size, seed, indices)
        epsilons = mask * (float(epsilon) / width)
        start = random_point(x, uniform_like(x, seed, indices, skip=2), epsilons) if random_start else x
        return climb(
            victim,
            x,
            y,
            start,
            epsilon=epsilons,
            alpha=float(alpha) / width,
            steps=steps,
            stop_at_success=stop_at_success,
            record=record,
            first=first,
        )

    more = {"indices": indices, "record": record, "batch_size": batch_size, "progress": progress}
    return run(model, x, y, batch, shares_first=not random_start, **more)


def squares(x: Tensor, size: int, seed: int, indices: Tensor) -> Tensor:
    """A mask (N, 1, H, W) for images `x` (N, C, H, W): 1 in each one's square of `size` pixels a side, else 0.

    The top row and the left column come from the first two draws of the stream (seed, indices[i]).
    """
    draws = uniforms(seed, indices, 2).to(x.device)
    inside = []
    for side, draw in zip(x.shape[2:], draws.T, strict=True):
        first = (draw * (side - size + 1)).long()[:, None]
        place = torch.arange(side, device=x.device)
        inside.append((place >= first) & (place < first + size))
    rows, columns = inside
    return (rows[:, None, :, None] & columns[:, None, None, :]).to(x.dtype)
