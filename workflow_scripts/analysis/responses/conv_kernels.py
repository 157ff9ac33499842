"""Kernels of a trained network and what perturbations make of them (local_properties paper, sections 4.2 and 4.4).

A kernel is one spatial slice (height, width) of a convolution's weight (out, in, height, width).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def spatial_weights(state: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """The convolutions' weights of a state dictionary, by name, in its order; 1×1 kernels have no shape to measure."""
    return {name: value for name, value in state.items() if value.ndim == 4 and min(value.shape[-2:]) > 1}


def magnitude(weight: NDArray) -> NDArray:
    """Mean |w| of each output filter (out,) of a weight (out, in, height, width)."""
    return np.abs(weight.astype(np.float64)).mean(axis=(1, 2, 3))


def variance(weight: NDArray) -> NDArray:
    """Variance of the entries about their own kernel's mean, averaged over each output filter's kernels (out,)."""
    return weight.astype(np.float64).var(axis=(2, 3)).mean(axis=1)


def roughness(weight: NDArray) -> NDArray:
    """How much neighbouring entries of a filter's kernels differ, whatever the weights' scale: (out,).

    The mean squared difference of neighbours over twice the mean square of the entries: 0 for constant kernels, about 1
    for entries that know nothing of each other, more for entries that alternate in sign; NaN for a filter of zeros.
    """
    weight = weight.astype(np.float64)
    steps = [np.diff(weight, axis=axis) ** 2 for axis in (2, 3)]
    between = np.concatenate([step.reshape(len(weight), -1) for step in steps], axis=1).mean(axis=1)
    square = (weight**2).mean(axis=(1, 2, 3))
    return between / (2 * np.where(square > 0, square, np.nan))


def of_unit_gain(kernels: NDArray) -> NDArray:
    """Kernels (K, height, width) divided by their sum of |w|, so that perturbations within ±ε answer with ε at most."""
    return kernels / np.abs(kernels).sum(axis=(1, 2), keepdims=True)


def responses(perturbations: NDArray, kernels: NDArray) -> NDArray:
    """Differences of local responses Δ (N, K, H', W') of single-channel perturbations (N, H, W) through kernels.

    Places where the kernel (height, width) lies wholly within the image: H' = H − height + 1, likewise W'.
    """
    windows = np.lib.stride_tricks.sliding_window_view(perturbations, kernels.shape[-2:], axis=(1, 2))
    return np.einsum("nhwij,kij->nkhw", windows, kernels, optimize=True)
