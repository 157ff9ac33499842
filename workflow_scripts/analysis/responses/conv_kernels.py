"""Statistics of convolution kernels and their responses to perturbations (local_properties paper, sections 4.2, 4.4).

A kernel is one spatial slice (height, width) of a convolution's weight (out, in, height, width).
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray


def spatial_weights(state: Mapping[str, NDArray]) -> dict[str, NDArray]:
    """The convolutions' weights of a state dictionary, by name, in its order, without 1×1 convolutions."""
    return {name: value for name, value in state.items() if value.ndim == 4 and min(value.shape[-2:]) > 1}


def magnitude(weight: NDArray) -> NDArray:
    """Mean |w| of each output filter (out,) of a weight (out, in, height, width)."""
    return np.abs(weight.astype(np.float64)).mean(axis=(1, 2, 3))


def variance(weight: NDArray) -> NDArray:
    """Variance of the entries within each kernel, averaged over each output filter's kernels (out,)."""
    return weight.astype(np.float64).var(axis=(2, 3)).mean(axis=1)


def roughness(weight: NDArray) -> NDArray:
    """How much neighbouring entries of each output filter's kernels differ, independent of the weights' scale: (out,).

    The mean squared difference of neighbours divided by twice the mean square of the entries: 0 for constant kernels,
    about 1 for independent entries, more for entries of alternating sign; NaN for a filter of zeros.
    """
    weight = weight.astype(np.float64)
    steps = [np.diff(weight, axis=axis) ** 2 for axis in (2, 3)]
    between = np.concatenate([step.reshape(len(weight), -1) for step in steps], axis=1).mean(axis=1)
    square = (weight**2).mean(axis=(1, 2, 3))
    return between / (2 * np.where(square > 0, square, np.nan))


def normalise_gain(kernels: NDArray) -> NDArray:
    """Kernels (K, height, width), each divided by its sum of |w|: perturbations within ±ε cause responses within ±ε."""
    return kernels / np.abs(kernels).sum(axis=(1, 2), keepdims=True)


def equalise_means(kernels: NDArray) -> NDArray:
    """Kernels (K, height, width) with the same mean and their own deviations from it, as section 4.2 assumes.

    The sign of each is such that its mean is not negative, which leaves |Δ| as it is. Its mean is then moved to the
    mean of all kernels' |mean|, and all are divided by the sum that they have in common: each sums to 1, so that a
    constant perturbation of ε causes responses of ε, and their variances differ as those of the given kernels do.
    ValueError where the means of all kernels are zero.
    """
    means = kernels.mean(axis=(1, 2), keepdims=True)
    common = np.abs(means).mean()
    if not common > 0:
        raise ValueError("all kernels have a mean of zero: none can be given to them in common")
    moved = np.where(means < 0, -1.0, 1.0) * (kernels - means) + common
    return moved / (common * kernels[0].size)


def perturbation_responses(perturbations: NDArray, kernels: NDArray) -> NDArray:
    """Differences Δ of local responses (N, K, H', W') that single-channel perturbations (N, H, W) cause at kernels.

    kernels (K, height, width). Only positions where the kernel lies within the image: H' = H − height + 1, W' likewise.
    """
    windows = np.lib.stride_tricks.sliding_window_view(perturbations, kernels.shape[-2:], axis=(1, 2))
    return np.einsum("nhwij,kij->nkhw", windows, kernels, optimize=True)
