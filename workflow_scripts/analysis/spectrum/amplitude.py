"""Log-amplitude spectra: their average over images, and each image's average over rings of frequencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.spectrum.radii import largest_radius, shifted_radii

FLOOR = 1e-6
"""Amplitudes below this are taken as this: those of a frequency that an image does not have are rounding errors."""


def log_amplitudes(images: NDArray) -> NDArray:
    """ln |FFT| of images (N, C, H, W) in [0, 1], averaged over channels: float64 (N, H, W), frequency zero central.

    The amplitude of frequency zero is the sum of a channel's pixels (Figure 2 of the local_properties paper).
    """
    spectrum = np.fft.fftshift(np.fft.fft2(images.astype(np.float64)), axes=(-2, -1))
    return np.log(np.maximum(np.abs(spectrum), FLOOR)).mean(axis=1)


def radial_average(values: NDArray) -> NDArray:
    """Averages (N, R) of maps (N, H, W) over the frequencies whose distance lies in [r, r + 1), r = 0 … R − 1."""
    height, width = values.shape[-2:]
    ring = np.floor(shifted_radii(height, width)).astype(int).ravel()
    member = np.eye(largest_radius(height, width))[ring]
    return values.reshape(len(values), -1) @ (member / member.sum(0))
