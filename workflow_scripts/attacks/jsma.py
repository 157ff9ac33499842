"""Jacobian-based saliency map attack (Papernot et al. 2016, "The limitations of deep learning in adversarial
settings")."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import Victim, margin, pull_back, with_graph, zero_share
from workflow_scripts.attacks.interface import Attempt, Outcome, at_least, run, span
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
    space: tuple[float, float] = (0.0, 1.0),
    seed: int = 0,
    indices: Tensor | Sequence[int] | None = None,
    record: bool = False,
    batch_size: int = 128,
    progress: Callable[[int], object] | None = None,
) -> Outcome:
    """Change the saliency map's best pair of features by `theta`, until the target is reached.

    A feature is used once and never beyond [0, 1]; `gamma` is the share of the D features that may change, so
    there are floor(D * gamma / 2) iterations. Without a valid pair the attack on that target ends.

    saliency: 'probabilities' takes the Jacobian of softmax(logits / temperature), in the logits' own
    precision (so a saturated softmax has no valid pair, as in the published attack on a distilled model);
    'logits' that of the logits, for which no temperature matters.
    targets: 'all' tries every wrong class, 'single' the most likely one, and a list of classes those that are
    wrong. They advance together, two features an iteration, so the first that is reached has the fewest
    changed features and ends the others (of several at once: the smallest L2). A failure returns the attempt
    with the smallest margin; should the model take it for a third class, that counts as a success.

    The remaining arguments are those of every attack (`interface.run`): images `x` (N, C, H, W) float32 in
    [0, 1] and labels `y` (N,) int64; `space`, the value range in which `theta` is given; `seed` and the
    inputs' numbers `indices`, which this attack has no use for, as it draws nothing; `record` for
    trajectories; `batch_size`, on which the result does not depend; `progress`. Raises ValueError for a
    parameter or an input out of its range.
    """
    if saliency not in ("probabilities", "logits"):
        raise ValueError(f"saliency: is {saliency!r}; it may be 'probabilities' or 'logits'")
    if isinstance(targets, str) and targets not in ("all", "single"):
        raise ValueError(f"targets: is {targets!r}; it may be 'all', 'single' or a list of classes")
    at_least("gamma", gamma, 0)
    if not float(temperature) > 0:
        raise ValueError(f"temperature: is {temperature!r}; it has to be above 0")
    change = float(theta) / span(space)
    # The small addend keeps a product such as 0.07 * 100 from falling below the whole number that it stands
    # for.
    iterations = math.floor(x[0].numel() * min(float(gamma), 1.0) / 2 + 1e-9) if len(x) and change else 0
    scale = None if saliency == "logits" else 1.0 / float(temperature)

    def batch(victim: Victim, x: Tensor, y: Tensor, indices: Tensor) -> Attempt:
        table = _target_table(victim, x, y, targets)
        return _batch(victim, x, y, table, change, iterations, scale, batch_size, record)

    return run(model, x, y, batch, indices=indices, record=record, batch_size=batch_size, progress=progress)


def _target_table(victim: Victim, x: Tensor, y: Tensor, targets: str | Sequence[int]) -> Tensor:
    """The classes to try for each input, (N, K) int64; -1 where the class is the right one."""
    logits = victim(x)
    n, classes = logits.shape
    if targets == "single":
        return margin(logits, y)[1][:, None]
    listed = torch.arange(classes) if targets == "all" else torch.as_tensor(targets, dtype=torch.int64)
    if listed.dim() != 1 or not len(listed) or listed.min() < 0 or listed.max() >= classes:
        raise ValueError(f"targets: is {targets!r}; classes are 0 to {classes - 1}")
    table = listed.to(y.device).expand(n, -1)
    return table.where(table != y[:, None], -1)


def _batch(
    victim: Victim,
    x: Tensor,
    y: Tensor,
    table: Tensor,
    change: float,
    iterations: int,
    scale: float | None,
    rows_at_once: int,
    record: bool,
) -> Attempt:
    """One row an (input, target); an input's rows advance together and leave at its first success."""
    n, k = table.shape
    owner = torch.arange(n, device=x.device).repeat_interleave(k)
    target, labels = table.flatten(), y[owner]
    images = x.flatten(1)[owner]
    domain = images < 1 if change > 0 else images > 0
    pairs = torch.zeros(n * k, iterations, 2, dtype=torch.int64, device=x.device)
    used = torch.zeros_like(target)
    final_margin = torch.full((n * k,), torch.inf, device=x.device)
    reached = torch.zeros_like(target, dtype=torch.bool)
    zeros = torch.zeros(n * k, device=x.device)
    forwards, backwards = torch.ones_like(y), torch.zeros_like(y)
    live = (target >= 0).nonzero()[:, 0]
    for iteration in range(iterations + 1):
        if not len(live):
            break
        last = iteration == iterations
        parts = []
        for rows in live.split(rows_at_once):
            current = images[rows].view(-1, *x.shape[1:])
            if last:
                logits, pair, valid = victim(current), rows, rows
            else:
                logits, alpha, beta = _derivatives(victim, current, target[rows], scale, change)
                pair, valid = _best_pair(alpha, beta, domain[rows])
                if iteration == 0:
                    zeros[rows] = zero_share(alpha)
            gap = margin(logits, labels[rows])[0].float()
            parts.append((gap, logits.argmax(1) == target[rows], pair, valid))
        gap, hit, pair, valid = (torch.cat(column) for column in zip(*parts, strict=True))
        forwards.index_add_(0, owner[live], torch.ones_like(live))
        final_margin[live], reached[live] = gap, hit
        if last:
            break
        backwards.index_add_(0, owner[live], torch.full_like(live, 1 if scale else 2))
        over = torch.zeros(n, dtype=torch.bool, device=x.device)
        over[owner[live[hit]]] = True
        keep = valid & ~over[owner[live]]
        live, pair = live[keep], pair[keep]
        images[live[:, None], pair] = (images[live[:, None], pair] + change).clamp(0.0, 1.0)
        domain[live[:, None], pair] = False
        pairs[live, iteration] = pair
        used[live] += 1
    kept = _kept_rows(x.flatten(1)[owner], images, reached, final_margin, n)
    tried = (target >= 0).view(n, k).sum(1).clamp(min=1)
    return Attempt(
        images[kept].view(x.shape),
        used[kept],
        forwards,
        backwards,
        zeros.view(n, k).sum(1) / tried,
        _trajectories(x, pairs[kept], used[kept], change) if record else None,
    )


def _derivatives(
    victim: Victim, current: Tensor, target: Tensor, scale: float | None, change: float
) -> tuple[Tensor, Tensor, Tensor | None]:
    """Logits, and alpha and beta (R, D) with the change's sign; beta is None (-alpha) for probabilities."""
    leaf, graph = with_graph(victim, current)
    sign = math.copysign(1.0, change)
    chosen = torch.zeros_like(graph).scatter(1, target[:, None], sign)
    if scale is None:
        alpha = pull_back(leaf, graph, chosen, keep_graph=True).flatten(1)
        return graph.detach(), alpha, pull_back(leaf, graph, sign - chosen).flatten(1)
    with torch.enable_grad():
        probabilities = (graph * scale).softmax(1)
    return graph.detach(), pull_back(leaf, probabilities, chosen).flatten(1), None


def _best_pair(alpha: Tensor, beta: Tensor | None, domain: Tensor) -> tuple[Tensor, Tensor]:
    if beta is None:
        return best_pair_of_probabilities(alpha, domain)
    return best_pair_of_logits(alpha, beta, domain)


def _kept_rows(start: Tensor, images: Tensor, reached: Tensor, final_margin: Tensor, n: int) -> Tensor:
    """Each input's row to return (n,): the nearest that reached its target, else the smallest margin."""
    l2 = (images - start).norm(dim=1).where(reached, torch.inf).view(n, -1)
    column = torch.where(reached.view(n, -1).any(1), l2.argmin(1), final_margin.view(n, -1).argmin(1))
    return torch.arange(n, device=images.device) * l2.shape[1] + column


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
