"""Saliency profiles: standardised filter saliency, sorted within each layer and averaged over samples.

attack_signatures paper, equation 6: ŝ = |s − μ| / σ with the mean μ and the deviation σ of each filter's saliency over
the clean validation set. The authors' library (Levin et al.) keeps the sign; both are offered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray


def standardised(saliency: NDArray, mean: NDArray, deviation: NDArray, *, signed: bool) -> NDArray:
    """(s − μ)/σ of saliency (N, F), or its absolute value where not `signed`, which is equation 6; float64."""
    scores = (np.asarray(saliency, dtype=np.float64) - mean) / deviation
    return scores if signed else np.abs(scores)


def layer_slices(counts: Iterable[int]) -> list[slice]:
    """The places of each layer's filters among all F."""
    ends = np.cumsum([0, *counts])
    return [slice(int(a), int(b)) for a, b in zip(ends[:-1], ends[1:], strict=True)]


def sorted_within_layers(scores: NDArray, counts: Sequence[int]) -> NDArray:
    """Scores (N, F) with each layer's filters in descending order of salience, sample by sample."""
    result = np.empty_like(scores)
    for place in layer_slices(counts):
        result[:, place] = -np.sort(-scores[:, place], axis=1)
    return result


def layer_means(profiles: NDArray, counts: Sequence[int]) -> NDArray:
    """Mean over the filters of each layer: (…, F) → (…, L)."""
    return np.stack([profiles[..., place].mean(-1) for place in layer_slices(counts)], axis=-1)


def depth_centroid(by_layer: NDArray) -> NDArray:
    """Where along the network a profile lies: the mean layer position, 0 first … 1 last, weighted by salience.

    by_layer: (…, L) mean salience of each layer; negative values, of signed profiles, count as none. NaN where a
    profile has no salience or the network a single layer.
    """
    weights = np.clip(by_layer, 0, None)
    layers = weights.shape[-1]
    total = weights.sum(-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (weights * np.arange(layers)).sum(-1) / (total * (layers - 1))
