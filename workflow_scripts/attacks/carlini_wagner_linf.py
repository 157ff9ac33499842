"""L-infinity attack of Carlini & Wagner 2017, "Towards evaluating the robustness of neural networks", section VI.C,
within a given ball, as in "attack signatures" (Table 6)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import Pass, Victim, margin, per_sample, rounding_of, zero_share
from workflow_scripts.attacks.interface import Attempt, Outcome, Trajectories, at_least, run, span, whole
from workflow_scripts.attacks.signed_steps import ball

NORM = "linf"
"""The norm that the attack keeps small, by its name in `distances`."""

# The authors' factor of the bound tau after a success.
SHRINK = 0.9
# An input with a success leaves when its best bound did not fall by this factor in a tenth of the steps, and
# in ten at least.
PROGRESS, WINDOW = 0.99, 10
MEAN, SQUARE = 0.9, 0.999


@dataclass(frozen=True)
class Settings:
    """The attack's parameters, in the images' own range [0, 1]."""

    epsilon: float
    learning_rate: float
    c: float
    steps: int
    confidence: float


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    epsilon: float,
    learning_rate: float = 0.005,
    c: float = 5.0,
    steps: int = 100,
    confidence: float = 0.0,
    space: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> Outcome:
    """Minimise c * max(z_y - max of the others + confidence, 0) + sum over features of max(|r| - tau, 0).

    `steps` steps of Adam on r = x_adv - x from 0, each followed by a projection to |r| <= `epsilon` and to the
    box. "Attack signatures" gives the numbers (100 steps, learning rate 0.005, c 5, epsilon 4, 8 or 16 / 255)
    and not the penalty; here it is that of Carlini and Wagner, which spreads the pressure over all features
    near the largest. They lower tau between descents; here it begins at `epsilon`, where the penalty is zero,
    and falls to 0.9 times the largest |r| whenever an image is adversarial. So the attack first fools the
    model within the ball and then does so with less. The adversarial image of smallest L-infinity norm is
    returned (of equal ones the first); a failure returns the one with the smallest margin. An input leaves
    when that norm did not fall by 1% in a tenth of the steps (ten at least).

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `space`, the value range in which `epsilon`, `learning_rate` and the
    penalty are measured; `seed` and the inputs' numbers `indices`, which this attack has no use for, as it
    draws nothing; `record` for trajectories (the improvements of the best image); `batch_size`, on which the
    result does not depend; `progress`. Raises ValueError for a parameter or an input out of its range.
    """
    for name, value in (("epsilon", epsilon), ("learning_rate", learning_rate), ("confidence", confidence)):
        at_least(name, value, 0)
    if not float(c) > 0:
        raise ValueError(f"c: is {c!r}; it has to be above 0")
    width, steps = span(space), whole("steps", steps, 0)
    settings = Settings(
        float(epsilon) / width, float(learning_rate) / width, float(c) / width, steps, float(confidence)
    )

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: Pass) -> Attempt:
        return _Descent(victim, x, y, first, settings, record).attempt()

    more = {"indices": indices, "record": record, "batch_size": batch_size, "progress": progress}
    return run(model, x, y, batch, shares_first=True, **more)


class _Descent:
    """The descent of one batch: the best image so far of each input, and what it took to find it."""

    def __init__(self, victim: Victim, x: Tensor, y: Tensor, first: Pass, settings: Settings, record: bool) -> None:
        self.victim, self.x, self.y, self.first, self.settings = victim, x, y, first, settings
        self.best = x.clone()
        self.best_norm = torch.full((len(x),), torch.inf, device=x.device)
        self.best_margin = torch.full_like(self.best_norm, torch.inf)
        self.iteration, self.forwards, self.backwards = (torch.zeros_like(y) for _ in range(3))
        self.zero_gradient = torch.zeros_like(self.best_norm)
        self.trajectory = Trajectories(x, record)

    def attempt(self) -> Attempt:
        s = self.settings
        lower, upper = ball(self.x, s.epsilon)
        rows, image = torch.arange(len(self.x), device=self.x.device), self.x
        tau = torch.full_like(self.best_norm, s.epsilon)
        mean, square = torch.zeros_like(image), torch.zeros_like(image)
        before = self.best_norm.clone()
        for step in range(s.steps + 1):
            r = image - self.x[rows]
            norm = r.abs().flatten(1).amax(1)
            adversarial, ascent = self._look(rows, image, norm, step)
            if ascent is None:
                break
            tau = torch.where(adversarial, SHRINK * torch.minimum(tau, norm), tau)
            gradient = s.c * ascent + r.sign() * (r.abs() > per_sample(tau, r))
            mean.lerp_(gradient, 1 - MEAN)
            square.lerp_(gradient.square(), 1 - SQUARE)
            deviation = (square / (1 - SQUARE ** (step + 1))).sqrt() + 1e-8
            moved = image - s.learning_rate / (1 - MEAN ** (step + 1)) * mean / deviation
            image = moved.clamp_(lower[rows], upper[rows])
            if step and step % max(s.steps // 10, WINDOW) == 0:
                now = self.best_norm[rows]
                keep = now.isinf() | (now < PROGRESS * before)
                rows, image, tau, mean, square = (state[keep] for state in (rows, image, tau, mean, square))
                before = now[keep]
                if not len(rows):
                    break
        done = self.trajectory.ending_at()
        return Attempt(self.best, self.iteration, self.forwards, self.backwards, self.zero_gradient, done)

    def _look(self, rows: Tensor, image: Tensor, norm: Tensor, step: int) -> tuple[Tensor, Tensor | None]:
        """Which images are adversarial (R,) bool, and the hinge's gradient; None after the last step."""
        y, last = self.y[rows], step == self.settings.steps
        here = self.first if step == 0 else None if last else Pass(self.victim, image)
        logits = self.victim(image) if here is None else here.logits
        self.forwards[rows] += int(step > 0)
        gap, runner_up = margin(logits, y)
        hinge = (gap + self.settings.confidence).float() + rounding_of(logits)
        self._keep_better(rows, image, norm, hinge, step)
        if last or here is None:
            return hinge < 0, None
        weight = (hinge >= 0).to(logits.dtype)[:, None]
        cotangent = torch.zeros_like(logits).scatter(1, y[:, None], weight).scatter(1, runner_up[:, None], -weight)
        ascent = here.pull_back(cotangent)
        self.backwards[rows] += 1
        if step == 0:
            self.zero_gradient = zero_share(ascent)
        return hinge < 0, ascent

    def _keep_better(self, rows: Tensor, image: Tensor, norm: Tensor, hinge: Tensor, step: int) -> None:
        """Keep what beats an input's best: smaller and adversarial, or before any success a smaller margin."""
        none_yet = self.best_norm[rows].isinf()
        smaller = (hinge < 0) & (norm < self.best_norm[rows])
        better = smaller | ((hinge >= 0) & none_yet & (hinge < self.best_margin[rows]))
        chosen = rows[better]
        self.best[chosen], self.best_margin[chosen] = image[better], hinge[better]
        self.best_norm[rows[smaller]] = norm[smaller]
        self.iteration[rows[better & none_yet]] = step
        if step:
            self.trajectory.add(chosen, image[better])
