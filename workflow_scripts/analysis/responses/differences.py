"""Per-image differences of local responses at a classifier's named layers (section 4 of the local_properties paper).

The response of layer l is f_l(x), a map (C, H, W). For each pair of images the maximum and the total of
|f_l(x_adv) − f_l(x)| over channels and positions, and the relative difference ‖f_l(x_adv) − f_l(x)‖₂ / ‖f_l(x)‖₂, are
computed during the forward pass: each layer's maps are reduced to three numbers per image before the next layer is
computed, so that no maps are kept. Maximum and total are in the units of the responses and grow with the layer's scale;
the relative difference has none.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workflow_scripts.models.classifier import Classifier
from workflow_scripts.models.hooks import output_hooks

Pair = tuple[Tensor, Tensor]
Reduced = tuple[Tensor, Tensor, Tensor]
"""Maximum, total and relative difference of each image of a batch, float64 (n,)."""

MEASURES = ("maximum", "total", "relative")


@dataclass(frozen=True)
class ResponseDifferences:
    """Differences of N pairs of images at L layers, in the units of the layers' responses.

    layers: their names, from input to output; maximum, total: float64 (N, L); relative: float64 (N, L), without unit,
    NaN where the layer's response to the natural image is zero; predicted_natural, predicted_adversarial: int64 (N,),
    the classifier's predictions.
    """

    layers: tuple[str, ...]
    maximum: NDArray
    total: NDArray
    relative: NDArray
    predicted_natural: NDArray
    predicted_adversarial: NDArray


def differences_of(natural: Tensor, adversarial: Tensor) -> Reduced:
    """Maximum and total of |adversarial − natural| (both (N, …)) and ‖adversarial − natural‖ / ‖natural‖, float64 (N,).

    Differences and norms are computed in the maps' precision, and differences are summed in double precision.
    """
    distance = (adversarial - natural).abs_().flatten(1)
    scale = torch.linalg.vector_norm(natural, dim=tuple(range(1, natural.dim()))).double()
    relative = torch.linalg.vector_norm(distance, dim=1).double() / scale.where(scale > 0, torch.nan)
    return distance.amax(1).double(), distance.sum(1, dtype=torch.float64), relative


@torch.no_grad()
def pair_differences(classifier: Classifier, x: Tensor, x_adv: Tensor) -> tuple[OrderedDict[str, Reduced], Tensor]:
    """Layer → (maximum, total, relative) of one batch of pairs (N, C, H, W) in [0, 1], and the logits (2, N, classes).

    ValueError for a classifier in training mode, whose batch norms would make a response depend on the batch.
    """
    if classifier.training:
        raise ValueError("the classifier is in training mode: call eval() first")
    images = torch.cat([x, x_adv]).contiguous(memory_format=torch.channels_last)
    found: OrderedDict[str, Reduced] = OrderedDict()

    def reduce(layer: str, output: Tensor) -> None:
        found[layer] = differences_of(*output.detach().chunk(2))

    with output_hooks(classifier.conv_layers, reduce):
        logits = classifier(images)
    return found, torch.stack(logits.chunk(2))


def response_differences(
    classifier: Classifier, batches: Iterable[Pair], device: torch.device | str = "cpu"
) -> ResponseDifferences:
    """The differences of all pairs of natural and adversarial images in `batches`, in their order.

    batches: pairs of (n, C, H, W) in [0, 1], on any device; one batch is in memory at a time. device: the classifier's.
    ValueError without a batch.
    """
    columns: dict[str, list[Tensor]] = {name: [] for name in (*MEASURES, "natural", "adversarial")}
    layers: tuple[str, ...] = ()
    for x, x_adv in batches:
        found, logits = pair_differences(classifier, x.to(device), x_adv.to(device))
        layers = tuple(found)
        for name, by_layer in zip(MEASURES, zip(*found.values(), strict=True), strict=True):
            columns[name].append(torch.stack(by_layer, dim=1).cpu())
        for name, part in zip(("natural", "adversarial"), logits, strict=True):
            columns[name].append(part.argmax(1).cpu())
    if not layers:
        raise ValueError("there are no images to compare")
    arrays = {name: np.asarray(torch.cat(parts)) for name, parts in columns.items()}
    return ResponseDifferences(layers, *arrays.values())
