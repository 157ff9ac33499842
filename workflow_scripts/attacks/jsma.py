"""Jacobian-based saliency map attack (Papernot et al. 2016, "The limitations of deep learning in adversarial
settings")."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor

from workflow_scripts.attacks.batches import AttackResult, BatchResult, attack_in_batches
from workflow_scripts.attacks.gradients import ForwardPass, Victim, margin, zero_share
from workflow_scripts.attacks.options import AttackOptions, check_minimum
from workflow_scripts.attacks.saliency_pairs import best_pair_of_logits, best_pair_of_probabilities

NORM = "l0"
"""The norm that the attack keeps small, by its name in `distances`."""


def attack(
    model: Victim,
    x: Tensor,
    y: Tensor,
    *,
    theta: float,
    gamma: float,
    saliency: str = "probabilities",
    temperature: float = 1.0,
    targets: str | Sequence[int] = "all",
    **keywords: Any,
) -> AttackResult:
    """Change the saliency map's best pair of features by `theta` again and again, until the target is reached.

    A feature is used once and never beyond [0, 1]; `gamma` is the share of the D features that may change, so
    there are floor(D * gamma / 2) iterations. Without a valid pair the attack on that target ends.

    saliency: 'probabilities' takes the Jacobian of softmax(logits / temperature), in the logits' own
    precision (so a saturated softmax has no valid pair, as in the published attack on a distilled model);
    'logits' that of the logits, for which no temperature matters.
    targets: 'all' tries every wrong class, 'single' the most likely one, and a list of classes those of them that are
    wrong. They advance together, two features per iteration, so the first that is reached has the fewest
    changed features and ends the others (of several at once: the smallest L2). A failure returns the attempt
    with the smallest margin; if the model assigns it to a third class, that counts as a success.

    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. `theta` is in units of `pixel_range`.
    Further keywords: those of `AttackOptions`. Raises ValueError for a parameter or an image out of its range.
    """
    options = AttackOptions(**keywords)
    if saliency not in ("probabilities", "logits"):
        raise ValueError(f"saliency: is {saliency!r}; it may be 'probabilities' or 'logits'")
    if isinstance(targets, str) and targets not in ("all", "single"):
        raise ValueError(f"targets: is {targets!r}; it may be 'all', 'single' or a list of classes")
    check_minimum("gamma", gamma, 0)
    if not float(temperature) > 0:
        raise ValueError(f"temperature: is {temperature!r}; it has to be above 0")
    change = float(theta) / options.width
    # The small addend keeps a product such as 0.07 * 100 from falling below the whole number that it stands
    # for.
    iterations = math.floor(x[0].numel() * min(float(gamma), 1.0) / 2 + 1e-9) if len(x) and change else 0
    scale = None if saliency == "logits" else 1.0 / float(temperature)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor, first: ForwardPass) -> BatchResult:
        table = _target_table(first.logits, y, targets)
        return _batch(victim, x, y, first, table, change, iterations, scale, options.batch_size, options.record)

    return attack_in_batches(model, x, y, batch, options, shares_first=True)


def _target_table(logits: Tensor, y: Tensor, targets: str | Sequence[int]) -> Tensor:
    """The classes to try for each input, (N, K) int64; -1 where there are fewer than K."""
    n, classes = logits.shape
    if targets == "single":
        return margin(logits, y)[1][:, None]
    listed = torch.arange(classes) if targets == "all" else torch.as_tensor(targets, dtype=torch.int64)
    if listed.dim() != 1 or not len(listed) or listed.min() < 0 or listed.max() >= classes:
        raise ValueError(f"targets: is {targets!r}; classes are 0 to {classes - 1}")
    table = listed.to(y.device).expand(n, -1)
    right = table == y[:, None]
    # A stable sort puts the right class last; where every input has it there, nothing is left in that column.
    order = right.to(torch.uint8).sort(dim=1, stable=True).indices
    return table.where(~right, -1).gather(1, order)[:, : max(int((~right).sum(1).max()), 1)]


def _batch(
    victim: Victim,
    x: Tensor,
    y: Tensor,
    first: ForwardPass,
    table: Tensor,
    change: float,
    iterations: int,
    scale: float | None,
    rows_at_once: int,
    record: bool,
) -> BatchResult:
    """Change two features per iteration for each (image, target), until the image's first success."""
    rows = _Rows(x, y, table, change, iterations, scale)
    live = (rows.target >= 0).nonzero()[:, 0]
    if iterations and len(live):
        pair, valid = rows.first_pairs(first)
        over = torch.zeros_like(valid)
        for iteration in range(iterations):
            live = live[(valid & ~over)[live]]
            if not len(live):
                break
            rows.alter(live, pair[live], iteration)
            pair, valid, over = rows.look(victim, live, rows_at_once, last=iteration + 1 == iterations)
    kept = rows.kept()
    return BatchResult(
        rows.images[kept].view(x.shape),
        rows.used[kept],
        rows.forwards,
        rows.backwards,
        rows.zeros.view(table.shape).sum(1) / (table >= 0).sum(1).clamp(min=1),
        _trajectories(x, rows.pairs[kept], rows.used[kept], change) if record else None,
        rows.predicted[kept],
    )


class _Rows:
    """One row per (image, target), n * k of them: the current image, and the features that may still be changed."""

    def __init__(
        self, x: Tensor, y: Tensor, table: Tensor, change: float, iterations: int, scale: float | None
    ) -> None:
        (n, k), self.shape = table.shape, x.shape[1:]
        self.change, self.scale, self.table = change, scale, table
        self.owner = torch.arange(n, device=x.device).repeat_interleave(k)
        self.target, self.labels = table.flatten(), y[self.owner]
        self.start = x.flatten(1)[self.owner]
        self.images = self.start.clone()
        self.domain = self.images < 1 if change > 0 else self.images > 0
        self.pairs = torch.zeros(n * k, iterations, 2, dtype=torch.int64, device=x.device)
        self.used = torch.zeros_like(self.target)
        self.margin = torch.full((n * k,), torch.inf, device=x.device)
        self.reached = torch.zeros_like(self.target, dtype=torch.bool)
        self.predicted = self.labels.clone()
        self.zeros = torch.zeros(n * k, device=x.device)
        self.forwards, self.backwards = torch.zeros_like(y), torch.zeros_like(y)

    def first_pairs(self, first: ForwardPass) -> tuple[Tensor, Tensor]:
        """The best pairs (n * k, 2) at x and whether they are valid: one forward pass serves an input's rows."""
        n, k = self.table.shape
        columns = []
        for column, target in enumerate(self.table.T):
            alpha, beta = _derivatives(first, target.clamp(min=0), self.scale, self.change, column + 1 < k)
            here = torch.arange(column, n * k, k, device=self.owner.device)
            columns.append(_best_pair(alpha, beta, self.domain[here]))
            self.zeros[here] = zero_share(alpha).where(target >= 0, 0.0)
        self._count_backwards((self.target >= 0).nonzero()[:, 0])
        pair, valid = (torch.stack(parts, 1) for parts in zip(*columns, strict=True))
        return pair.flatten(0, 1), valid.flatten()

    def alter(self, live: Tensor, pair: Tensor, iteration: int) -> None:
        """Change the features `pair` (L, 2) of the rows `live` (L,), which are then out of their domains."""
        self.images[live[:, None], pair] = (self.images[live[:, None], pair] + self.change).clamp(0.0, 1.0)
        self.domain[live[:, None], pair] = False
        self.pairs[live, iteration] = pair
        self.used[live] += 1

    def look(self, victim: Victim, live: Tensor, rows_at_once: int, last: bool) -> tuple[Tensor, Tensor, Tensor]:
        """For all rows: the next pairs, whether they are valid, and whether the row's image has reached a target.

        One forward pass tells whether a row has reached its target and serves its derivatives, of which there are
        none after the `last` iteration.
        """
        pair = torch.zeros(len(self.target), 2, dtype=torch.int64, device=live.device)
        valid = torch.zeros_like(self.reached)
        for rows in live.split(rows_at_once):
            current = self.images[rows].view(-1, *self.shape)
            here = None if last else ForwardPass(victim, current)
            logits = victim(current) if here is None else here.logits
            self.margin[rows] = margin(logits, self.labels[rows])[0].float()
            self.predicted[rows] = logits.argmax(1)
            self.reached[rows] = self.predicted[rows] == self.target[rows]
            if here is not None:
                alpha, beta = _derivatives(here, self.target[rows], self.scale, self.change)
                pair[rows], valid[rows] = _best_pair(alpha, beta, self.domain[rows])
                self._count_backwards(rows)
        self.forwards.index_add_(0, self.owner[live], torch.ones_like(live))
        return pair, valid, self.reached.view(self.table.shape).any(1)[self.owner]

    def _count_backwards(self, rows: Tensor) -> None:
        self.backwards.index_add_(0, self.owner[rows], torch.full_like(rows, 2 if self.scale is None else 1))

    def kept(self) -> Tensor:
        """Each input's row to return (n,): the nearest that reached its target, else the smallest margin."""
        n, k = self.table.shape
        l2 = (self.images - self.start).norm(dim=1).where(self.reached, torch.inf).view(n, k)
        reached = self.reached.view(n, k).any(1)
        column = torch.where(reached, l2.argmin(1), self.margin.view(n, k).argmin(1))
        return torch.arange(n, device=column.device) * k + column


def _derivatives(
    here: ForwardPass, target: Tensor, scale: float | None, change: float, keep_graph: bool = False
) -> tuple[Tensor, Tensor | None]:
    """alpha and beta (R, D) with the change's sign; beta is None (-alpha) for probabilities.

    The probability p_t has the derivative scale * p_t * (1[k = t] - p_k) by the logit k.
    """
    sign = math.copysign(1.0, change)
    chosen = torch.zeros_like(here.logits).scatter(1, target[:, None], sign)
    if scale is None:
        alpha = here.vjp(chosen, keep_graph=True).flatten(1)
        return alpha, here.vjp(sign - chosen, keep_graph).flatten(1)
    p = (here.logits * scale).softmax(1)
    cotangent = scale * p.gather(1, target[:, None]) * (chosen - sign * p)
    return here.vjp(cotangent, keep_graph).flatten(1), None


def _best_pair(alpha: Tensor, beta: Tensor | None, domain: Tensor) -> tuple[Tensor, Tensor]:
    if beta is None:
        return best_pair_of_probabilities(alpha, domain)
    return best_pair_of_logits(alpha, beta, domain)


def _trajectories(x: Tensor, pairs: Tensor, used: Tensor, change: float) -> list[Tensor]:
    """The images (T_i + 1, C, H, W) from each input on, replayed from its pairs (N, iterations, 2)."""
    replayed = []
    for image, chosen, count in zip(x.flatten(1).cpu(), pairs.cpu(), used.tolist(), strict=True):
        images = image.repeat(count + 1, 1)
        for step in range(count):
            pair = chosen[step]
            images[step + 1 :, pair] = (image[pair] + change).clamp(0.0, 1.0)
        replayed.append(images.view(-1, *x.shape[1:]))
    return replayed
