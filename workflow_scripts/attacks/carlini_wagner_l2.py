"""L2 attack of Carlini & Wagner 2017, "Towards evaluating the robustness of neural networks"."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, BatchResult, Trajectories, attack_in_batches
from workflow_scripts.attacks.goals import Goal, goal_of
from workflow_scripts.attacks.gradients import ForwardPass, Victim, per_sample, rounding_of, zero_share
from workflow_scripts.attacks.linear_boundaries import Nearest, nearest_boundary
from workflow_scripts.attacks.options import AttackOptions, check_integer, check_minimum
from workflow_scripts.attacks.tanh_adam import TanhAdam

NORM = "l2"
"""The norm that the attack keeps small, by its name in `distances`."""

# Adam's decay of the mean; with `refine` it forgets sooner, as a descent turns where it meets the boundary.
MEAN, REFINED_MEAN = 0.9, 0.8
# With `refine`:
# the number of classes whose boundaries are examined, the right one included, and the bounds of c, as multiples
# of what the nearest boundary requires;
CANDIDATES, LEAST_C, MOST_C = 10, 1.5, 3.0
# the length of Adam's first step, as a share of the distance to the boundary or, when starting from the best image,
# of that image's distance; the share of the steps at the full learning rate, and the share of that rate at the end;
FIRST_STEP, AGAIN, FULL_RATE, LAST_RATE = 0.4, 0.1, 0.75, 0.01
# what counts as progress of the squared distance or of the margin, and the steps after which it is looked
# for, unless a tenth of all is more; and the halvings of the segment from x.
PROGRESS, WINDOW, HALVINGS = 0.98, 10, 8


@dataclass(frozen=True)
class Settings:
    """The attack's parameters, with `c` for distances in the images' own range [0, 1]."""

    confidence: float
    learning_rate: float
    c: float
    binary_search_steps: int
    steps: int
    refine: bool
    saturation: float


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    learning_rate: float,
    initial_const: float,
    binary_search_steps: int,
    steps: int,
    confidence: float = 0.0,
    refine: bool = True,
    saturation: float | None = None,
    target: str | int = "none",
    **keywords: Any,
) -> AttackResult:
    """Minimise ||x_adv - x||_2^2 + c * max(z_y - max of the others + confidence, 0) by Adam over tanh space.

    The variable is w, with x_adv = (1 + tanh(w) / saturation) / 2, kept within [0, 1]; `learning_rate` is a
    step of w. Each of `binary_search_steps` descents takes at most `steps` steps; the constant c begins at
    `initial_const`, and after each descent an input's c moves by half
    towards the largest that failed (0 at first), or is multiplied by ten while none has succeeded. The nearest
    adversarial image of all descents is returned; a failure returns the one with the smallest margin.

    refine: the attack well tuned. The boundaries of the likeliest classes are linearised at x; the first
    descent heads for the nearest, with c between 1.5 and 3 times what that boundary requires, and later
    ones start from the best image so far. The first step is a share of the distance to the boundary, the learning
    rate falls along a half cosine in the last quarter, and the segment from x is bisected after each descent
    that helped. A descent ends for an image when neither its distance nor, before a success, its margin fell by
    2% in a tenth of the steps (ten at least), and the search ends when a descent did not help. Learning rates from
    0.005 to 0.25 then reach the optimum of an affine model within a few per cent.
    Without it: the attack as published. All descents start from x and take all steps. The authors' code and
    CleverHans may stop earlier, once a tenth of the steps did not lower the loss summed over the batch. That
    would make an input's result depend on its batch; and for each input by itself it ends a descent with a
    large learning rate after ten steps, while Adam has yet to come back from its first ones.
    saturation: tanh(w) of a pixel at the end of the range. The closer to 1, the slower such a pixel moves.
    Default: 0.7 with `refine`, and 0.999999 without, which is the value of the authors' code.
    target: the class to reach (`targets.target_classes`), whose logit then has to exceed all others.

    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. The distance that `initial_const` is weighed
    against is in units of `pixel_range`. A trajectory holds the improvements of the best image.
    Further keywords: those of `AttackOptions`. Raises ValueError for a parameter or an image out of its range.
    """
    options = AttackOptions(**keywords)
    check_minimum("confidence", confidence, 0)
    check_minimum("learning_rate", learning_rate, 0)
    binary_search_steps = check_integer("binary_search_steps", binary_search_steps, 0)
    steps = check_integer("steps", steps, 0)
    if not float(initial_const) > 0:
        raise ValueError(f"initial_const: is {initial_const!r}; it has to be above 0")
    if saturation is None:
        saturation = 0.7 if refine else 0.999999
    if not 0 < float(saturation) < 1:
        raise ValueError(f"saturation: is {saturation!r}; it has to lie between 0 and 1")
    settings = Settings(
        confidence=float(confidence),
        learning_rate=float(learning_rate),
        c=float(initial_const) / options.width**2,
        binary_search_steps=binary_search_steps,
        steps=steps,
        refine=refine,
        saturation=float(saturation),
    )

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: ForwardPass | None = None) -> BatchResult:
        return _Search(victim, x, y, goal_of(target, y, first), settings, options.record).attempt()

    return attack_in_batches(model, x, y, batch, options, shares_first=target != "none")


class _Search:
    """The search for one batch: the best image found so far for each input, and the passes spent on it."""

    def __init__(self, victim: Victim, x: Tensor, y: Tensor, goal: Goal, settings: Settings, record: bool) -> None:
        self.victim, self.x, self.y, self.goal, self.settings = victim, x, y, goal, settings
        self.best = x.clone()
        self.best_distance = torch.full((len(x),), torch.inf, device=x.device)
        self.best_margin = torch.full((len(x),), torch.inf, device=x.device)
        self.iteration, self.forwards, self.backwards = (torch.zeros_like(y) for _ in range(3))
        self.zero_gradient = torch.zeros(len(x), device=x.device)
        self.trajectory = Trajectories(x, record)
        self.steps_taken = 0

    def attempt(self) -> BatchResult:
        """Run the descents of each input's binary search for c."""
        s = self.settings
        c = torch.full((len(self.x),), s.c, device=self.x.device)
        failed, worked = torch.zeros_like(c), torch.full_like(c, torch.inf)
        rows, nearest = torch.arange(len(c), device=c.device), None
        if s.refine and s.steps and s.binary_search_steps:
            nearest = self._nearest()
            c = torch.where(nearest.weight > 0, c.clamp(LEAST_C * nearest.weight, MOST_C * nearest.weight), c)
        for descent in range(s.binary_search_steps if s.steps else 0):
            before = self.best_distance[rows]
            found = self._descend(rows, c[rows], nearest, first=descent == 0)
            worked[rows] = torch.where(found, c[rows], worked[rows])
            failed[rows] = torch.where(found, failed[rows], c[rows])
            c = torch.where(worked.isinf(), c * 10, (failed + worked) / 2)
            if s.refine:
                self._shorten(rows[self.best_distance[rows] < before])
                after = self.best_distance[rows]
                rows = rows[after.isinf() | (after < PROGRESS * before)]
            if not len(rows):
                break
        trajectory = self.trajectory.ending_at()
        return BatchResult(
            self.best, self.iteration, self.forwards, self.backwards, self.zero_gradient, trajectory,
            extra=self.goal.extra,
        )  # fmt: skip

    def _nearest(self) -> Nearest:
        here = ForwardPass(self.victim, self.x)
        rivals = self.goal.classes[:, None] if self.goal.targeted else None
        nearest = nearest_boundary(here, self.x, self.y, CANDIDATES - 1, self._beyond(here.logits), rivals)
        self.forwards += 1
        self.backwards += 1 if self.goal.targeted else min(CANDIDATES, here.logits.shape[1]) - 1
        self.zero_gradient = nearest.zeros
        return nearest

    def _descend(self, rows: Tensor, c: Tensor, nearest: Nearest | None, first: bool) -> Tensor:
        """Run Adam with the weights `c` (R,) for the inputs `rows` (R,); which found an adversarial image (N,)."""
        s, everyone = self.settings, rows
        found = torch.zeros_like(self.y, dtype=torch.bool)
        x, rate = self.x[rows], self._rates(rows, nearest)
        rival = nearest.rival if nearest is not None and first and not self.goal.targeted else None
        image = self.best[rows].where(per_sample(self.best_distance[rows].isfinite(), x), x) if s.refine else x
        variable = TanhAdam(image, s.saturation, REFINED_MEAN if s.refine else MEAN)
        smallest = smallest_before = torch.full_like(c, torch.inf)
        distance_before = self.best_distance[rows]
        for step in range(1, s.steps + 1):
            image = image if step == 1 else variable.image()
            offset = image - x
            hinge, to_go, ascent = self._look(rows, image, offset, None if rival is None else rival[rows])
            found[rows] |= hinge < 0
            variable.step(2 * offset + per_sample(c, x) * ascent, rate * self._schedule(step))
            smallest = torch.minimum(smallest, to_go)
            if s.refine and step % max(s.steps // 10, WINDOW) == 0:
                keep = self.best_distance[rows] < PROGRESS * distance_before
                keep |= ~found[rows] & (smallest < PROGRESS * smallest_before)
                if not keep.any():
                    break
                rows, x, c, rate, smallest = (state[keep] for state in (rows, x, c, rate, smallest))
                variable.keep(keep)
                distance_before, smallest_before = self.best_distance[rows], smallest
        return found[everyone]

    def _look(self, rows: Tensor, image: Tensor, offset: Tensor, rival: Tensor | None) -> tuple[Tensor, Tensor, Tensor]:
        """How far `image` is from success (R,), how far from the `rival`, and that distance's gradient.

        Without `rival` (R,) it is the runner-up, and both are one. The gradient is zero beyond the boundary.
        """
        here = ForwardPass(self.victim, image)
        hinge, held, wanted = self._hinge(here.logits, rows)
        to_go = hinge
        if rival is not None:
            wanted = rival
            gap = here.logits.gather(1, held[:, None]) - here.logits.gather(1, rival[:, None])
            to_go = gap[:, 0].float() + self._beyond(here.logits)
        weight = (to_go >= 0).to(here.logits.dtype)[:, None]
        cotangent = torch.zeros_like(here.logits).scatter(1, held[:, None], weight).scatter(1, wanted[:, None], -weight)
        ascent = here.vjp(cotangent)
        self.steps_taken += 1
        self.forwards[rows] += 1
        self.backwards[rows] += 1
        if self.steps_taken == 1 and not self.settings.refine:
            self.zero_gradient = zero_share(ascent)
        self._keep_better(rows, image, offset.flatten(1).square().sum(1), hinge)
        return hinge, to_go, ascent

    def _beyond(self, logits: Tensor) -> Tensor:
        """The lead of a logit over the others that counts as a success (N,)."""
        return rounding_of(logits) + self.settings.confidence

    def _hinge(self, logits: Tensor, rows: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """How far the logits of `rows` are from success (R,), below 0 for a success; and the two classes compared."""
        gap, held, wanted = self.goal.only(rows).shortfall(logits)
        return gap.float() + self._beyond(logits), held, wanted

    def _rates(self, rows: Tensor, nearest: Nearest | None) -> Tensor:
        """The learning rate (R,) at which the first step from a gray image is as long as wanted."""
        rate = torch.full((len(rows),), self.settings.learning_rate, device=rows.device)
        if nearest is None:
            return rate
        gone = self.best_distance[rows].sqrt()
        length = torch.where(gone.isfinite(), AGAIN * gone, FIRST_STEP * nearest.distance[rows])
        return rate.minimum(length * 2 / math.sqrt(self.x[0].numel()))

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
        x, far = self.x[rows], self.best[rows]
        inside, outside = torch.zeros(len(rows), device=x.device), torch.ones(len(rows), device=x.device)
        for _ in range(HALVINGS):
            middle = (inside + outside) / 2
            image = x + per_sample(middle, x) * (far - x)
            hinge, _, _ = self._hinge(self.victim(image), rows)
            self.forwards[rows] += 1
            self._keep_better(rows, image, (image - x).flatten(1).square().sum(1), hinge)
            outside, inside = torch.where(hinge < 0, middle, outside), torch.where(hinge < 0, inside, middle)
