"""Radial low-pass and high-pass filters, and frequency swapping between images.

After section 3.1 of the local_properties paper (and Wang et al. 2020, "High-frequency component helps explain the
generalization of convolutional neural networks"): per channel, a frequency is low where its distance from the centre of
the shifted spectrum is below the radius, and high otherwise. Filtered images are not clipped to [0, 1].
"""

from __future__ import annotations

import torch
from torch import Tensor


def radius_map(height: int, width: int) -> Tensor:
    """Distance (height, width // 2 + 1) of each frequency of `rfft2` from frequency zero, in cycles per image.

    The frequencies that `rfft2` leaves out are mirror images at the same distances, so filtering this half filters the
    whole spectrum, and the filtered image is real, for even and odd sizes.
    """
    rows = torch.fft.fftfreq(height, d=1 / height, dtype=torch.float64).round()
    columns = torch.arange(width // 2 + 1, dtype=torch.float64)
    return torch.hypot(rows[:, None], columns[None, :])


def low_pass(images: Tensor, radius: float) -> Tensor:
    """`images` (N, C, H, W) with only their frequencies below `radius`, in cycles per image; zeros at radius 0.

    Any finite values; the result has the same dtype and is not clipped.
    """
    return swap_frequencies(images, torch.zeros_like(images), radius)


def high_pass(images: Tensor, radius: float) -> Tensor:
    """`images` (N, C, H, W) with only their frequencies at `radius` or above: `images` − `low_pass(images, radius)`."""
    return swap_frequencies(torch.zeros_like(images), images, radius)


def swap_frequencies(low: Tensor, high: Tensor, radius: float) -> Tensor:
    """Images with the frequencies of `low` below `radius` and those of `high` elsewhere (all (N, C, H, W)).

    ValueError where the shapes differ.
    """
    if low.shape != high.shape:
        raise ValueError(f"low and high must have the same shape, not {tuple(low.shape)} and {tuple(high.shape)}")
    height, width = low.shape[-2:]
    below = (radius_map(height, width) < radius).to(low.device)
    spectrum = torch.where(below, torch.fft.rfft2(low), torch.fft.rfft2(high))
    return torch.fft.irfft2(spectrum, s=(height, width))
