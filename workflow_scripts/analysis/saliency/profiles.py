"""Saliency profiles: standardised filter saliency, sorted within each layer and averaged over samples.

attack_signatures paper, equation 6: ŝ = |s − μ| / σ with the mean μ and the deviation σ of each filter's saliency over
the clean validation set. The code of Levin et al., which the paper builds on, keeps the sign; both are available.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def standardised(saliency: NDArray, mean: NDArray, deviation: NDArray, *, signed: bool) -> NDArray:
    """(s − μ)/σ of saliency (N, F), or its absolute value (equation 6) unless `signed`; float64."""
    scores = (np.asarray(saliency, dtype=np.float64) - mean) / deviation
    return scores if signed else np.abs(scores)


def layer_slices(counts: Iterable[int]) -> list[slice]:
    """The slice of each layer's filters among all F; counts: the layers' numbers of filters."""
    ends = np.cumsum([0, *counts])
    return [slice(int(a), int(b)) for a, b in zip(ends[:-1], ends[1:], strict=True)]


def sorted_within_layers(scores: NDArray, counts: Sequence[int]) -> NDArray:
    """Scores (N, F) with each layer's filters sorted in descending order, sample by sample."""
    result = np.empty_like(scores)
    for layer in layer_slices(counts):
        result[:, layer] = -np.sort(-scores[:, layer], axis=1)
    return result


def layer_means(profiles: NDArray, counts: Sequence[int]) -> NDArray:
    """Mean over the filters of each layer: (…, F) → (…, L)."""
    return np.stack([profiles[..., layer].mean(-1) for layer in layer_slices(counts)], axis=-1)


def depth_centroid(by_layer: NDArray) -> NDArray:
    """Centroid (…,) of a profile along the network: layer positions, 0 (first) to 1 (last), weighted by saliency.

    by_layer: (…, L) mean saliency of each layer; negative values, of signed profiles, count as 0. NaN where all are 0
    or the network has a single layer.
    """
    weights = np.clip(by_layer, 0, None)
    layers = weights.shape[-1]
    total = weights.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (weights * np.arange(layers)).sum(-1) / (total * (layers - 1))


def divided_by_mean(profiles: NDArray) -> NDArray:
    """Profiles (N, F), each divided by its mean over the filters: what they look like, however salient they are."""
    return profiles / profiles.mean(1, keepdims=True)
