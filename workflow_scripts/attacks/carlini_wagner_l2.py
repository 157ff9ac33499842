"""L2 attack of Carlini & Wagner 2017, "Towards evaluating the robustness of neural networks"."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import Pass, Victim, margin, per_sample, zero_share
from workflow_scripts.attacks.interface import Attempt, Outcome, Trajectories, at_least, run, span, whole

NORM = "l2"
"""The norm that the attack keeps small, by its name in `distances`."""

# A boundary counts as crossed by more than the rounding of the logits, relative to the largest of them:
# another batch size may round otherwise, and a success has to be one there too.
ROUNDING = 4e-6
# With `refine`: the length of Adam's first step, as a share of the distance to go; the share of the steps at
# the full learning rate, and the share of that rate at the end; and the halvings of the segment from x.
FIRST_STEP, FULL_RATE, LAST_RATE, HALVINGS = 0.4, 0.75, 0.01, 8
# An input leaves a descent when a tenth of the steps did not lower its objective by this factor: without
# `refine` that of the authors' code, and with it one that saves a third of the passes for a thousandth of the
# distance.
PUBLISHED_PROGRESS, PROGRESS = 0.9999, 0.99


@dataclass(frozen=True)
class Settings:
    """The attack's parameters, with `c` for distances in the images' own range [0, 1]."""

    confidence: float
    learning_rate: float
    c: float
    binary_steps: int
    steps: int
    refine: bool
    saturation: float


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    learning_rate: float,
    c: float,
    binary_steps: int,
    steps: int,
    confidence: float = 0.0,
    refine: bool = True,
    saturation: float | None = None,
    space: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> Outcome:
    """Minimise ||x_adv - x||_2^2 + c * max(z_y - max of the others + confidence, 0) by Adam over tanh space.

    The variable is w, with x_adv = (1 + tanh(w) / saturation) / 2, kept within [0, 1]; `learning_rate` is a
    step of w. Each of `binary_steps` descents takes at most `steps` steps from x; after it an input's c moves
    by half towards the largest that failed; it is divided by ten while none has failed, and multiplied by ten
    while none has succeeded. The nearest adversarial image of all descents is returned; a failure returns the
    one with the smallest margin. An input leaves a descent when a tenth of the steps did not lower its own
    objective.

    refine: shorten the first step to a share of the distance to go (linearised, or the best so far), let the
    learning rate fall along a half cosine in the last quarter, and bisect the segment from x after each
    descent that helped. Then learning rates from 0.005 to 0.25 reach the optimum of an affine model within a
    few per cent. Without it: the attack as published.
    saturation: tanh(w) of a pixel at the end of the range. The closer to 1, the slower such a pixel moves.
    Default: 0.9 with `refine`, and 0.999999 without, which is the value of the authors' code.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `space`, the value range in which the distance that `c` is weighed
    against is measured; `seed` and the inputs' numbers `indices`, which this attack has no use for, as it
    draws nothing; `record` for trajectories (the improvements of the best image); `batch_size`, on which the
    result does not depend; `progress`. Raises ValueError for a parameter or an input out of its range.
    """
    at_least("confidence", confidence, 0)
    at_least("learning_rate", learning_rate, 0)
    binary_steps = whole("binary_steps", binary_steps, 0)
    steps = whole("steps", steps, 0)
    if not float(c) > 0:
        raise ValueError(f"c: is {c!r}; it has to be above 0")
    if saturation is None:
        saturation = 0.9 if refine else 0.999999
    if not 0 < float(saturation) < 1:
        raise ValueError(f"saturation: is {saturation!r}; it has to lie between 0 and 1")
    settings = Settings(
        confidence=float(confidence),
        learning_rate=float(learning_rate),
        c=float(c) / span(space) ** 2,
        binary_steps=binary_steps,
        steps=steps,
        refine=refine,
        saturation=float(saturation),
    )

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor) -> Attempt:
        return _Search(victim, x, y, settings, record).attempt()

    return run(model, x, y, batch, indices=indices, record=record, batch_size=batch_size, progress=progress)


class _Search:
    """The search for one batch: the best image so far of each input, and what it took to find it."""

    def __init__(self, victim: Victim, x: Tensor, y: Tensor, settings: Settings, record: bool) -> None:
        self.victim, self.x, self.y, self.settings = victim, x, y, settings
        self.best = x.clone()
        self.best_distance = torch.full((len(x),), torch.inf, device=x.device)
        self.best_margin = torch.full((len(x),), torch.inf, device=x.device)
        self.iteration, self.forwards, self.backwards = (torch.zeros_like(y) for _ in range(3))
        self.zero_gradient = torch.zeros(len(x), device=x.device)
        self.trajectory = Trajectories(x, record)
        self.steps_taken = 0

    def attempt(self) -> Attempt:
        """Descend for every c of each input's binary search."""
        c = torch.full((len(self.x),), self.settings.c, device=self.x.device)
        failed, worked = torch.zeros_like(c), torch.full_like(c, torch.inf)
        for _ in range(self.settings.binary_steps):
            distance_before = self.best_distance.clone()
            found = self._descend(c)
            if self.settings.refine:
                self._shorten((self.best_distance < distance_before).nonzero()[:, 0])
            worked, failed = torch.where(found, c, worked), torch.where(found, failed, c)
            # Ten times less where none has failed yet: an input close to the boundary needs a tiny c, and one
            # that is far too large throws Adam to and fro.
            between = torch.where(failed > 0, (failed + worked) / 2, worked / 10)
            c = torch.where(worked.isinf(), c * 10, between)
        return Attempt(
            self.best,
            self.iteration,
            self.forwards,
            self.backwards,
            self.zero_gradient,
            self.trajectory.ending_at(),
        )

    def _descend(self, c: Tensor) -> Tensor:
        """Adam from x with the weights `c` (N,); for which inputs an adversarial image was met, (N,) bool."""
        s = self.settings
        edge = math.atanh(s.saturation)
        found = torch.zeros_like(self.y, dtype=torch.bool)
        rows, x, y = torch.arange(len(self.x), device=self.x.device), self.x, self.y
        w = torch.atanh((2 * x - 1) * s.saturation)
        mean, square = torch.zeros_like(w), torch.zeros_like(w)
        rate = torch.full_like(c, s.learning_rate)
        lowest = torch.full_like(c, torch.inf)
        lowest_before = lowest
        window = max(s.steps // 10, 1)
        for step in range(1, s.steps + 1):
            squashed = w.tanh()
            image = ((squashed / s.saturation + 1) / 2).clamp_(0.0, 1.0)
            here = Pass(self.victim, image)
            logits = here.logits
            hinge, runner_up = self._hinge(logits, y)
            offset = image - x
            distance = offset.flatten(1).square().sum(1)
            self.steps_taken += 1
            self._keep_better(rows, image, distance, hinge)
            found[rows] |= hinge < 0
            weight = (hinge >= 0).to(logits.dtype)[:, None]
            cotangent = torch.zeros_like(logits).scatter(1, y[:, None], weight)
            ascent = here.pull_back(cotangent.scatter(1, runner_up[:, None], -weight))
            self.forwards[rows] += 1
            self.backwards[rows] += 1
            if self.steps_taken == 1:
                self.zero_gradient = zero_share(ascent)
            if step == 1 and s.refine:
                rate = rate.minimum(self._careful_rate(hinge, ascent))
            slope = (1 - squashed.square()) / (2 * s.saturation)
            gradient = (2 * offset + per_sample(c, x) * ascent) * slope
            mean.lerp_(gradient, 0.1)
            square.lerp_(gradient.square(), 0.001)
            pace = per_sample(rate * self._schedule(step) / (1 - 0.9**step), x)
            w = (w - pace * mean / ((square / (1 - 0.999**step)).sqrt() + 1e-8)).clamp_(-edge, edge)
            lowest = torch.minimum(lowest, distance + c * hinge.clamp(min=0))
            if step % window == 0:
                keep = lowest < (PROGRESS if s.refine else PUBLISHED_PROGRESS) * lowest_before
                lowest_before = lowest
                if not keep.any():
                    break
                if not keep.all():
                    rows, x, y, c, w, mean, square, rate, lowest, lowest_before = (
                        state[keep] for state in (rows, x, y, c, w, mean, square, rate, lowest, lowest_before)
                    )
        return found

    def _hinge(self, logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
        """How far the logits are from success (N,), below 0 for a success; and the runner-up class (N,)."""
        gap, runner_up = margin(logits, y)
        return (gap + self.settings.confidence + ROUNDING * logits.abs().amax(1)).float(), runner_up

    def _careful_rate(self, hinge: Tensor, ascent: Tensor) -> Tensor:
        """The rate (N,) at which the first step from a gray image is as long as `FIRST_STEP` says.

        The distance to go is the best known, or that of the boundary linearised at x.
        """
        distance = torch.minimum(hinge / ascent.flatten(1).norm(dim=1), self.best_distance.sqrt())
        return FIRST_STEP * distance * 2 / math.sqrt(ascent[0].numel())

    def _schedule(self, step: int) -> float:
        """The share of the learning rate at `step` (from 1): a half cosine down after `FULL_RATE`."""
        done = step / self.settings.steps
        if not self.settings.refine or done <= FULL_RATE:
            return 1.0
        phase = math.pi * (done - FULL_RATE) / (1 - FULL_RATE)
        return LAST_RATE + (1 - LAST_RATE) * (1 + math.cos(phase)) / 2

    def _keep_better(self, rows: Tensor, image: Tensor, distance: Tensor, hinge: Tensor) -> None:
        """Keep what beats an input's best: nearer and adversarial, or before any success a smaller margin."""
        none_yet = self.best_distance[rows].isinf()
        nearer = (hinge < 0) & (distance < self.best_distance[rows])
        better = nearer | ((hinge >= 0) & none_yet & (hinge < self.best_margin[rows]))
        chosen = rows[better]
        self.best[chosen], self.best_margin[chosen] = image[better], hinge[better]
        self.best_distance[rows[nearer]] = distance[nearer]
        self.iteration[rows[better & none_yet]] = self.steps_taken
        self.trajectory.add(chosen, image[better])

    def _shorten(self, rows: Tensor) -> None:
        """Bisect the segments from x to the best images of `rows` for the nearest adversarial point."""
        if not len(rows):
            return
        x, y, far = self.x[rows], self.y[rows], self.best[rows]
        inside, outside = torch.zeros(len(rows), device=x.device), torch.ones(len(rows), device=x.device)
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            image = x + per_sample(middle, x) * (far - x)
            hinge, _ = self._hinge(self.victim(image), y)
            self.forwards[rows] += 1
            self._keep_better(rows, image, (image - x).flatten(1).square().sum(1), hinge)
            outside, inside = torch.where(hinge < 0, middle, outside), torch.where(hinge < 0, inside, middle)
