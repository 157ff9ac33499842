"""Carlini and Wagner's L2 attack (Carlini & Wagner 2017, "Towards evaluating the robustness of neural networks")."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import Victim, margin, per_sample, pull_back, with_graph, zero_share
from workflow_scripts.attacks.interface import Attempt, Outcome, Trajectories, at_least, run, span

# A boundary is only taken as crossed by more than the rounding of the logits, relative to the largest of them:
# another batch size may round otherwise, and a success has to be one there too.
ROUNDING = 4e-6


@dataclass(frozen=True)
class Settings:
    """The attack's parameters; `c` for distances in the images' own range [0, 1]."""

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
    saturation: float = 0.99,
    space: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> Outcome:
    """Minimise ||x_adv - x||^2 + c * max(z_y - max over the others + confidence, 0) by Adam over w, for several c.

    The image is (1 + tanh(w) / saturation) / 2.
    """
    at_least("confidence", confidence, 0)
    at_least("learning_rate", learning_rate, 0)
    at_least("c", c, 0)
    at_least("binary_steps", binary_steps, 0)
    at_least("steps", steps, 0)
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
        search = Search(victim, x, y, settings, record)
        search.over_c()
        return search.result()

    return run(
        model, x, y, batch, indices=indices, record=record, batch_size=batch_size, progress=progress
    )


class Search:
    """The best image found so far for each input of a batch, and what it took."""

    def __init__(self, victim: Victim, x: Tensor, y: Tensor, settings: Settings, record: bool) -> None:
        self.victim, self.x, self.y, self.settings = victim, x, y, settings
        n = len(x)
        self.best = x.clone()
        self.best_distance = torch.full((n,), torch.inf, device=x.device)
        self.best_margin = torch.full((n,), torch.inf, device=x.device)
        self.iteration, self.forwards, self.backwards = (torch.zeros_like(y) for _ in range(3))
        self.zero_gradient = torch.zeros(n, device=x.device)
        self.trajectory = Trajectories(x, record)
        self.taken = 0

    def over_c(self) -> None:
        s = self.settings
        n = len(self.x)
        c = torch.full((n,), s.c, device=self.x.device)
        low, high = torch.zeros_like(c), torch.full_like(c, torch.inf)
        for _ in range(s.binary_steps):
            found = self.descend(c)
            if s.refine: self.shorten()
            high, low = torch.where(found, c, high), torch.where(found, low, c)
            c = torch.where(low == 0, high / 10, torch.where(high.isinf(), low * 10, (low+high)/2))

    def descend(self, c: Tensor) -> Tensor:
        """Adam from x with the weights `c` (N,); returns for which inputs it met an adversarial image (N,) bool."""
        s = self.settings
        edge = torch.atanh(torch.tensor(s.saturation))
        found = torch.zeros_like(self.y, dtype=torch.bool)
        rows = torch.arange(len(self.x), device=self.x.device)
        x, y = self.x, self.y
        start = torch.where(per_sample(self.best_distance.isfinite(), x), self.best, x) if s.refine and WARM else x
        w = torch.atanh((2 * start - 1) * s.saturation)
        m, v = torch.zeros_like(w), torch.zeros_like(w)
        lowest = torch.full_like(c, torch.inf)
        lowest_before = lowest.clone()
        rates = torch.full_like(c, s.learning_rate)
        window = max(s.steps // 10, 1)
        for step in range(1, s.steps + 1):
            squashed = w.tanh()
            image = ((squashed / s.saturation + 1) / 2).clamp_(0.0, 1.0)
            leaf, graph = with_graph(self.victim, image)
            logits = graph.detach()
            gap, runner_up = margin(logits, y)
            offset = image - x
            distance = offset.flatten(1).square().sum(1)
            adversarial = gap < -s.confidence - ROUNDING * logits.abs().amax(1)
            self.taken += 1
            self.keep_better(rows, image, distance, gap, adversarial)
            found[rows] |= adversarial
            hinge = gap + s.confidence
            objective = (distance + c * hinge.clamp(min=0)).float()
            weight = torch.where(hinge > -1e-5, c, 0.0).to(logits.dtype)
            cotangent = torch.zeros_like(logits).scatter(1, y[:, None], weight[:, None]).scatter(1, runner_up[:, None], -weight[:, None])
            gradient = pull_back(leaf, graph, cotangent)
            self.forwards[rows] += 1
            self.backwards[rows] += 1
            if self.taken == 1:
                self.zero_gradient = zero_share(gradient)
            if step == 1 and s.refine:
                slope = (gradient.flatten(1).norm(dim=1) / c)
                est = torch.minimum((hinge / slope).float(), self.best_distance[rows].sqrt())
                rates = rates.minimum(RHO * est * 2 / x[0].numel()**.5)
            gradient = (gradient + 2 * offset) * (1 - squashed.square()) / (2 * s.saturation)
            m.lerp_(gradient, 0.1)
            v.lerp_(gradient.square(), 0.001)
            rate = per_sample(rates*DECAY(step / s.steps), x) if s.refine else s.learning_rate
            w = w - rate / (1 - 0.9**step) * m / ((v / (1 - 0.999**step)).sqrt() + 1e-8)
            w.clamp_(-edge, edge)
            lowest = torch.minimum(lowest, objective)
            if step % window == 0:
                keep = lowest < 0.9999 * lowest_before
                lowest_before = lowest
                if ABORT and not keep.all():
                    rows, x, y, w, m, v, c, rates, lowest, lowest_before = (t[keep] for t in (rows, x, y, w, m, v, c, rates, lowest, lowest_before))
                    if not len(rows):
                        break
        return found

    def keep_better(self, rows, image, distance, gap, adversarial):
        """Nearest adversarial image; without one, the smallest margin."""
        none_yet = self.best_distance[rows].isinf()
        nearer = adversarial & (distance < self.best_distance[rows])
        better = nearer | (~adversarial & none_yet & (gap < self.best_margin[rows]))
        chosen = rows[better]
        self.best[chosen] = image[better]
        self.best_margin[chosen] = gap[better].float()
        first = rows[none_yet & better]
        self.iteration[first] = self.taken
        self.best_distance[rows[nearer]] = distance[nearer]
        self.trajectory.add(rows[nearer], image[nearer])

    def shorten(self) -> None:
        """Bisect the segment"""
        s = self.settings
        rows = self.best_distance.isfinite().nonzero()[:, 0]
        if not len(rows): return
        x, y, far = self.x[rows], self.y[rows], self.best[rows]
        low, high = torch.zeros(len(rows)), torch.ones(len(rows))
        for _ in range(BIS):
            middle = (low + high) / 2
            image = x + per_sample(middle, x) * (far - x)
            logits = self.victim(image)
            self.forwards[rows] += 1
            gap = margin(logits, y)[0]
            adversarial = gap < -s.confidence - ROUNDING * logits.abs().amax(1)
            self.keep_better(rows, image, (image - x).flatten(1).square().sum(1), gap, adversarial)
            high, low = torch.where(adversarial, middle, high), torch.where(adversarial, low, middle)

    def result(self) -> Attempt:
        return Attempt(self.best, self.iteration, self.forwards, self.backwards, self.zero_gradient, self.trajectory.ending_at())
ABORT=True
DECAY=lambda t: 1.0

RHO=0.1
BIS=8
WARM=False
