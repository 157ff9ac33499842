"""The best pair of features by JSMA's saliency map, found without a table of all pairs.

Papernot et al. 2016, "The limitations of deep learning in adversarial settings", algorithm 3: with alpha the
derivative of the target's output and beta the sum of the other classes' derivatives, the pair (p, q)
maximises -(alpha_p + alpha_q) * (beta_p + beta_q) among the pairs with alpha_p + alpha_q > 0 and beta_p +
beta_q < 0 (for a negative change theta, with both signs the other way around).
"""

from __future__ import annotations

import torch
from torch import Tensor


def best_pair_of_probabilities(alpha: Tensor, domain: Tensor) -> tuple[Tensor, Tensor]:
    """The best pairs (R, 2) int64 of features, and whether they are valid (R,), for outputs that sum to one.

    alpha: (R, D), theta's sign times the derivative of the target's probability. domain: (R, D) bool, the
    features that may still be chosen. There beta = -alpha, so the score is (alpha_p + alpha_q)^2 and the best
    pair are the two largest derivatives.
    """
    values, pair = alpha.where(domain, -torch.inf).topk(2, dim=1)
    return pair, values.isfinite().all(1) & (values.sum(1) > 0)


def best_pair_of_logits(alpha: Tensor, beta: Tensor, domain: Tensor) -> tuple[Tensor, Tensor]:
    """As `best_pair_of_probabilities`, for outputs that need not sum to one; beta: (R, D), signed too.

    The score grows with alpha and with -beta. Had a feature of the best pair two others above it in both, the
    one that is not in the pair could take its place; so the best pair lies in the first two Pareto layers of
    (alpha, -beta), a few dozen of the D features, and all pairs of those are compared.
    """
    rise, fall = alpha.where(domain, -torch.inf), (-beta).where(domain, -torch.inf)
    first = _pareto_layer(rise, fall)
    second = _pareto_layer(rise.masked_fill(first, -torch.inf), fall.masked_fill(first, -torch.inf))
    kept = (first | second) & domain
    width = max(int(kept.sum(1).max()), 2)
    # A stable sort by "kept or not" puts the layers' features first, in the order of their numbers.
    candidates = (~kept).to(torch.uint8).sort(dim=1, stable=True).indices[:, :width]
    usable = kept.gather(1, candidates)
    rise = alpha.gather(1, candidates).where(usable, -torch.inf)
    fall = (-beta).gather(1, candidates).where(usable, -torch.inf)
    both_rise, both_fall = rise[:, :, None] + rise[:, None, :], fall[:, :, None] + fall[:, None, :]
    valid = (both_rise > 0) & (both_fall > 0)
    upper = torch.ones(width, width, dtype=torch.bool, device=alpha.device).triu(1)
    score = (both_rise * both_fall).where(valid & upper, -torch.inf)
    best, place = score.flatten(1).max(1)
    pair = torch.stack([place // width, place % width], 1)
    return candidates.gather(1, pair), best > -torch.inf


def _pareto_layer(rise: Tensor, fall: Tensor) -> Tensor:
    """The features (R, D) bool that no other equals or exceeds in both values; of equal ones, the first.

    Sorted by `rise` (of equals: by `fall`) from the top, they are where `fall` exceeds all that came before.
    """
    by_fall = fall.argsort(dim=1, descending=True, stable=True)
    order = by_fall.gather(1, rise.gather(1, by_fall).argsort(dim=1, descending=True, stable=True))
    sorted_fall = fall.gather(1, order)
    record = torch.ones_like(sorted_fall, dtype=torch.bool)
    record[:, 1:] = sorted_fall[:, 1:] > sorted_fall.cummax(1).values[:, :-1]
    return torch.zeros_like(record).scatter(1, order, record)
