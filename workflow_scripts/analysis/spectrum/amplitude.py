"""Log-amplitude spectra of images, and their radial averages (local_properties paper, Figure 2)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.spectrum.radii import largest_radius, shifted_radii

FLOOR = 1e-6
"""Lower bound of amplitudes: those of a frequency that an image lacks are rounding errors."""


def log_amplitudes(images: NDArray) -> NDArray:
    """ln |FFT| of images (N, C, H, W) in [0, 1], averaged over channels: float64 (N, H, W).

    Frequency zero is in the centre. The FFT is not normalised: the amplitude of frequency zero is the sum of a
    channel's pixels.
    """
    spectrum = np.fft.fftshift(np.fft.fft2(images.astype(np.float64)), axes=(-2, -1))
    return np.log(np.maximum(np.abs(spectrum), FLOOR)).mean(axis=1)


def radial_average(values: NDArray) -> NDArray:
    """Averages (N, R) of spectra (N, H, W) over the frequencies at distance [r, r + 1) from the centre, r < R."""
    height, width = values.shape[-2:]
    ring = np.floor(shifted_radii(height, width)).astype(int).ravel()
    member = np.eye(largest_radius(height, width))[ring]
    return values.reshape(len(values), -1) @ (member / member.sum(0))
