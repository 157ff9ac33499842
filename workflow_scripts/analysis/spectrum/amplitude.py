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
    return np.log(_amplitudes(images)).mean(axis=1)


def radial_average(values: NDArray) -> NDArray:
    """Averages (N, R) of spectra (N, H, W) over the frequencies at distance [r, r + 1) from the centre, r < R."""
    member = _rings(*values.shape[-2:])
    return values.reshape(len(values), -1) @ (member / member.sum(0))


def radial_energy(images: NDArray) -> NDArray:
    """Sums (N, R) of |FFT|² of images (N, C, H, W) over the same frequencies, averaged over channels."""
    power = (_amplitudes(images) ** 2).mean(axis=1)
    return power.reshape(len(images), -1) @ _rings(*images.shape[-2:])


def ring_sizes(height: int, width: int) -> NDArray:
    """The number (R,) of frequencies in each of the rings of `radial_average`.

    Beyond the Nyquist frequency, half the side, rings are cut by the spectrum's corners and soon have few.
    """
    return _rings(height, width).sum(0).astype(int)


def _amplitudes(images: NDArray) -> NDArray:
    """|FFT| of each channel (N, C, H, W), FLOOR at least, frequency zero in the centre."""
    spectrum = np.fft.fftshift(np.fft.fft2(images.astype(np.float64)), axes=(-2, -1))
    return np.maximum(np.abs(spectrum), FLOOR)


def _rings(height: int, width: int) -> NDArray:
    """Whether each frequency (height · width) is in each ring (R,), as numbers."""
    ring = np.floor(shifted_radii(height, width)).astype(int).ravel()
    return np.eye(largest_radius(height, width))[ring]
