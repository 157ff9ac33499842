"""Accuracy of a classifier on low-pass, high-pass and frequency-swapped images, by the filters' radius."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from workflow_scripts.analysis.spectrum.filters import high_pass, low_pass, swap_frequencies

CURVES = (
    "low_natural",
    "low_adversarial",
    "high_natural",
    "high_adversarial",
    "swapped_natural",
    "swapped_adversarial",
)
"""The curves of Figures 1 and 6: natural and adversarial images with only the frequencies below the radius (low), with
only the others (high), and with their own frequencies below the radius and the other image's above (swapped)."""


def filtered_images(x: Tensor, x_adv: Tensor, radius: float) -> Iterator[Tensor]:
    """The images (N, C, H, W) of one radius, in the order of `CURVES`."""
    yield low_pass(x, radius)
    yield low_pass(x_adv, radius)
    yield high_pass(x, radius)
    yield high_pass(x_adv, radius)
    yield swap_frequencies(x, x_adv, radius)
    yield swap_frequencies(x_adv, x, radius)


@torch.no_grad()
def filtered_correctness(
    classifier: nn.Module, batches: Iterable[tuple[Tensor, Tensor, Tensor]], radii: Iterable[float]
) -> dict[str, NDArray]:
    """Curve → bool (R, N): whether the classifier's prediction for each image is its label, per radius.

    batches: natural and adversarial images (both (n, C, H, W) in [0, 1]) and labels (n,), on the classifier's device.
    radii: R radii in cycles per image.
    """
    radii = list(radii)
    correct: dict[str, list[list[Tensor]]] = {curve: [[] for _ in radii] for curve in CURVES}
    for x, x_adv, y in batches:
        for place, radius in enumerate(radii):
            for curve, images in zip(CURVES, filtered_images(x, x_adv, radius), strict=True):
                logits = classifier(images.contiguous(memory_format=torch.channels_last))
                correct[curve][place].append(logits.argmax(1).eq(y).cpu())
    return {curve: np.stack([np.asarray(torch.cat(parts)) for parts in rows]) for curve, rows in correct.items()}
