"""Where a perturbation's energy lies in the spectrum, and how much of it a filter has to take away."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workflow_scripts.analysis.spectrum.filters import low_pass

BANDS = 8


def band_energy(perturbations: Tensor, bands: int = BANDS) -> NDArray:
    """The share (N, bands) of each perturbation's energy by spatial frequency, all channels together.

    perturbations: (N, C, H, W). The bands are rings of equal width around frequency zero, up to the spectrum's corner.
    By Parseval's theorem the shares are of Σ perturbation². NaN for a perturbation that is zero.
    """
    height, width = perturbations.shape[-2:]
    rows, columns = torch.fft.fftfreq(height), torch.fft.fftfreq(width)
    radius = torch.hypot(rows[:, None] * height, columns[None] * width)
    ring = (radius / radius.max() * bands).long().clamp(max=bands - 1).flatten()
    power = torch.fft.fft2(perturbations.double()).abs().square().sum(1).flatten(1).cpu()
    energy = torch.zeros(len(power), bands, dtype=torch.float64).index_add_(1, ring, power)
    total = energy.sum(1, keepdim=True)
    return (energy / torch.where(total > 0, total, torch.nan)).numpy()


@torch.no_grad()
def restoring_radius(classifier: nn.Module, x: Tensor, wanted: Tensor, radii: Sequence[float]) -> NDArray:
    """The largest of the `radii` (cycles per image) at which a low-pass filtered image gets the class `wanted` (N,).

    x: images (N, C, H, W), on the classifier's device. float64 (N,), NaN where no radius does. Images whose radius is
    found are not filtered any further.
    """
    found = np.full(len(x), np.nan)
    left = torch.arange(len(x))
    for radius in sorted(radii, reverse=True):
        if not len(left):
            break
        filtered = low_pass(x[left], radius).contiguous(memory_format=torch.channels_last)
        restored = (classifier(filtered).argmax(1) == wanted[left]).cpu()
        found[left[restored].numpy()] = radius
        left = left[~restored]
    return found
