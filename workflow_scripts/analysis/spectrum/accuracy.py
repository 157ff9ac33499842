"""How well a classifier recognises filtered and frequency-swapped images, by the filters' radius."""

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
"""The inputs of Figures 1 and 6: what is left of natural and adversarial images below the radius (low), from it on
(high), and each with the other's frequencies from the radius on (swapped)."""


def filtered(x: Tensor, x_adv: Tensor, radius: float) -> Iterator[Tensor]:
    """The inputs (N, C, H, W) of one radius in the order of `CURVES`."""
    yield low_pass(x, radius)
    yield low_pass(x_adv, radius)
    yield high_pass(x, radius)
    yield high_pass(x_adv, radius)
    yield swap_frequencies(x, x_adv, radius)
    yield swap_frequencies(x_adv, x, radius)


@torch.no_grad()
def recognised(
    classifier: nn.Module, batches: Iterable[tuple[Tensor, Tensor, Tensor]], radii: Iterable[float]
) -> dict[str, NDArray]:
    """Curve → bool (R, N): whether the classifier names the label of each input, by radius.

    batches: natural and adversarial images (both (n, C, H, W) in [0, 1]) and labels (n,), on the classifier's device.
    """
    radii = list(radii)
    found: dict[str, list[list[Tensor]]] = {curve: [[] for _ in radii] for curve in CURVES}
    for x, x_adv, y in batches:
        for place, radius in enumerate(radii):
            for curve, images in zip(CURVES, filtered(x, x_adv, radius), strict=True):
                logits = classifier(images.contiguous(memory_format=torch.channels_last))
                found[curve][place].append(logits.argmax(1).eq(y).cpu())
    return {curve: np.stack([np.asarray(torch.cat(parts)) for parts in rows]) for curve, rows in found.items()}
