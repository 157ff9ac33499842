"""Input-space saliency: the pixels that drive the most salient filters (attack_signatures paper, section 5.1).

M = |∇_x D_C(ŝ(x, y), ŝ′)|: D_C is the cosine distance between the image's standardised saliency ŝ and a detached copy
ŝ′ in which the most salient filters are boosted. ŝ holds gradients with respect to the weights, so M needs second
derivatives.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch
from scipy.ndimage import uniform_filter
from torch import Tensor, nn
from torch.func import grad

from workflow_scripts.analysis.saliency.filters import single_saliency


@dataclass(frozen=True)
class Boost:
    """How many of the most salient filters are boosted, and by what factor; the defaults are those of Levin et al."""

    filters: int = 10
    factor: float = 100.0


def boosted(scores: Tensor, boost: Boost) -> Tensor:
    """A detached copy of the scores (F,) whose `boost.filters` largest are multiplied by `boost.factor`."""
    copy = scores.detach().clone()
    top = copy.topk(min(boost.filters, len(copy))).indices
    return copy.index_fill(0, top, 0.0).index_add(0, top, copy[top] * boost.factor)


def cosine_distance(first: Tensor, second: Tensor) -> Tensor:
    """1 − cos of the angle between two vectors (F,), a scalar."""
    return 1 - (first @ second) / (first.norm() * second.norm())


def input_saliency(
    model: nn.Module, x: Tensor, y: Tensor, mean: Tensor, deviation: Tensor, *, boost: Boost = Boost(), signed=False
) -> Tensor:
    """M (N, C, H, W), see above, of images `x` (N, C, H, W) in [0, 1] with true labels `y` (N,).

    mean, deviation: (F,) of each filter's saliency over the clean validation set; signed: as in `standardised`. Images
    are processed one at a time, because the second backward pass keeps the first one's graph.
    """
    saliency = single_saliency(model)

    def scores(image: Tensor, label: Tensor) -> Tensor:
        raw = (saliency(image, label) - mean) / deviation
        return raw if signed else raw.abs()

    def distance(image: Tensor, label: Tensor, target: Tensor) -> Tensor:
        return cosine_distance(scores(image, label), target)

    maps = []
    for image, label in zip(x, y, strict=True):
        with torch.no_grad():
            target = boosted(scores(image, label), boost)
        maps.append(grad(distance)(image, label, target).abs())
    return torch.stack(maps)


def heat_map(saliency: Tensor, percentile: float = 99.0, window: int = 3) -> Tensor:
    """Saliency (N, C, H, W) as it is drawn: (N, H, W) float64 in [0, 1].

    The maximum over channels, clipped at a percentile of each map (the authors use 90 to 99), scaled to [0, 1], and
    smoothed by a `window` × `window` mean.
    """
    maps = saliency.amax(1)
    ceiling = torch.quantile(maps.flatten(1), percentile / 100, dim=1)[:, None, None]
    clipped = torch.minimum(maps, ceiling)
    low, high = clipped.amin((1, 2), keepdim=True), clipped.amax((1, 2), keepdim=True)
    scaled = (clipped - low) / torch.where(high > low, high - low, torch.ones_like(high))
    return torch.from_numpy(uniform_filter(scaled.double().cpu().numpy(), (0, window, window), mode="nearest"))
