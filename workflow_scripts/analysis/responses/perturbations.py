"""Spatial statistics of perturbations (section 3.2 of the local_properties paper): locally consistent or disordered."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

EVEN = 1e-5
"""Edges whose standard deviation is this share of their mean, or less, differ by rounding alone."""


def neighbour_correlation(perturbations: NDArray) -> NDArray:
    """Correlation (N,) of neighbouring pixels in perturbations (N, C, H, W), averaged over channels.

    Each channel is centred at its mean; horizontal and vertical neighbours count alike. Near 1 for locally consistent
    perturbations, 0 for noise, negative for a chequerboard; NaN for an unchanged image.
    """
    values = perturbations.astype(np.float64)
    values = values - values.mean(axis=(2, 3), keepdims=True)
    pairs = ((values[..., 1:, :], values[..., :-1, :]), (values[..., 1:], values[..., :-1]))
    product = sum((a * b).sum(axis=(2, 3)) for a, b in pairs)
    square = sum(((a**2).sum(axis=(2, 3)) + (b**2).sum(axis=(2, 3))) / 2 for a, b in pairs)
    known = square > 0
    correlation = np.divide(product, square, out=np.zeros_like(product), where=known)
    return np.where(known.any(axis=1), correlation.sum(axis=1) / np.maximum(known.sum(axis=1), 1), np.nan)


def shape_correlation(images: NDArray, perturbations: NDArray) -> NDArray:
    """How far perturbations have the shapes of their images: correlation (N,) of the two's edges; both (N, C, H, W).

    The edges of an image are the lengths of its gradient: at each pixel but the last row's and column's, the root of
    the sum over channels of the squared differences to the pixels below and to the right. 1 where the perturbation
    changes exactly where the image does and as much, 0 where it does not care; NaN where one of them has no edges, or
    the same everywhere but for rounding.
    """
    values = np.full(len(images), np.nan)
    for place, both in enumerate(zip(_edges(images), _edges(perturbations), strict=True)):
        if all(edges.std() > EVEN * edges.mean() for edges in both):
            values[place] = np.corrcoef(*(edges.ravel() for edges in both))[0, 1]
    return values


def _edges(images: NDArray) -> NDArray:
    """The gradient's length (N, H − 1, W − 1) of images (N, C, H, W)."""
    values = images.astype(np.float64)
    down, right = np.diff(values, axis=2)[..., :-1], np.diff(values, axis=3)[..., :-1, :]
    return np.sqrt((down**2 + right**2).sum(axis=1))


def share_at_bound(x: NDArray, x_adv: NDArray, epsilon: float, tolerance: float = 1e-4) -> NDArray:
    """Share (N,) of pixel values that were moved by ±ε or to a bound of [0, 1]; images (N, C, H, W) in [0, 1].

    tolerance: relative to ε.
    """
    moved = np.abs(x_adv.astype(np.float64) - x.astype(np.float64))
    reached = (moved >= epsilon * (1 - tolerance)) | ((moved > 0) & ((x_adv <= 0) | (x_adv >= 1)))
    return reached.mean(axis=(1, 2, 3))
