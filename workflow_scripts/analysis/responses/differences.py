"""Per-image differences of local responses at a classifier's named layers (section 4 of the local_properties paper).

The response of layer l is f_l(x), a map (C, H, W). For each pair of images the maximum and the total of
|f_l(x_adv) − f_l(x)| over channels and places are taken while the pair passes through the network: a layer's maps are
reduced to two numbers an image before the next layer is computed, and none is kept.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workflow_scripts.models.classifier import Classifier

Pair = tuple[Tensor, Tensor]


@dataclass(frozen=True)
class ResponseDifferences:
    """maximum, total: float64 (N, L); predicted_natural, predicted_adversarial: int64 (N,); layers: L names."""

    layers: tuple[str, ...]
    maximum: NDArray
    total: NDArray
    predicted_natural: NDArray
    predicted_adversarial: NDArray


def differences_of(natural: Tensor, adversarial: Tensor) -> Pair:
    """Maximum and total of |adversarial − natural| (both N, C, H, W) for each image: two float64 (N,).

    The difference is taken in the maps' own precision and summed in double precision.
    """
    distance = (adversarial - natural).abs_().flatten(1)
    return distance.amax(1).double(), distance.sum(1, dtype=torch.float64)


@contextmanager
def reduced(classifier: Classifier) -> Iterator[OrderedDict[str, Pair]]:
    """Inside, a forward pass of [natural; adversarial] images (2N) fills the mapping: layer → (maximum, total)."""
    found: OrderedDict[str, Pair] = OrderedDict()

    def reduce(name: str):
        def hook(_module, _inputs, output):
            found[name] = differences_of(*output.detach().chunk(2))

        return hook

    handles = [layer.register_forward_hook(reduce(name)) for name, layer in classifier.conv_layers.items()]
    try:
        yield found
    finally:
        for handle in handles:
            handle.remove()


@torch.no_grad()
def pair_differences(classifier: Classifier, x: Tensor, x_adv: Tensor) -> tuple[OrderedDict[str, Pair], Tensor]:
    """Layer → (maximum, total) of one batch of pairs (N, C, H, W) in [0, 1]; and the logits (2, N, classes).

    Raises ValueError for a classifier in training mode, whose batch norms would mix the images of a batch.
    """
    if classifier.training:
        raise ValueError("the classifier is in training mode: call eval() first")
    images = torch.cat([x, x_adv]).contiguous(memory_format=torch.channels_last)
    with reduced(classifier) as found:
        logits = classifier(images)
    return OrderedDict(found), torch.stack(logits.chunk(2))


def response_differences(
    classifier: Classifier, batches: Iterator[Pair], device: torch.device | str = "cpu"
) -> ResponseDifferences:
    """The differences of every pair of images that `batches` yields, in its order; memory is that of one batch."""
    columns: dict[str, list[Tensor]] = {"maximum": [], "total": [], "natural": [], "adversarial": []}
    layers: tuple[str, ...] = ()
    for x, x_adv in batches:
        found, logits = pair_differences(classifier, x.to(device), x_adv.to(device))
        layers = tuple(found)
        columns["maximum"].append(torch.stack([maximum for maximum, _ in found.values()], dim=1).cpu())
        columns["total"].append(torch.stack([total for _, total in found.values()], dim=1).cpu())
        for name, part in zip(("natural", "adversarial"), logits, strict=True):
            columns[name].append(part.argmax(1).cpu())
    if not layers:
        raise ValueError("there are no images to compare")
    arrays = {name: np.asarray(torch.cat(parts)) for name, parts in columns.items()}
    return ResponseDifferences(layers, *arrays.values())
