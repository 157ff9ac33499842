"""Initial weights: layer-sequential unit variance (Mishkin & Matas 2016) and Kaiming's (He et al. 2015)."""

from __future__ import annotations

from contextlib import suppress

import torch
from torch import Tensor, nn

from workflow_scripts.models.hooks import output_hooks

WEIGHTED = (nn.Conv2d, nn.Linear)


def initialise(network: nn.Module, method: str, images: Tensor) -> None:
    """Set the network's weights in place by the global generator; biases become zero.

    `method`: "lsuv" or "kaiming"; `images`: a normalised batch (N, C, H, W), which only LSUV uses.
    """
    weighted = [part for part in network.modules() if isinstance(part, WEIGHTED)]
    for part in weighted:
        if method == "lsuv":
            nn.init.orthogonal_(part.weight)
        else:
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu")
        if part.bias is not None:
            nn.init.zeros_(part.bias)
    if method == "lsuv":
        unit_variance(network, weighted, images)


@torch.no_grad()
def unit_variance(
    network: nn.Module, weighted: list[nn.Module], images: Tensor, tolerance: float = 0.01, tries: int = 10
) -> None:
    """Scale each layer's weights, first to last, until its output on `images` has variance 1 (within `tolerance`)."""
    was_training = network.training
    network.eval()
    for part in weighted:
        for _ in range(tries):
            variance = output_variance(network, part, images)
            if variance <= 0 or abs(variance - 1) < tolerance:
                break
            part.weight /= variance**0.5
    network.train(was_training)


class _EndOfPass(Exception):
    """Ends a forward pass behind the layer of interest: what comes after it is not needed."""


def output_variance(network: nn.Module, part: nn.Module, images: Tensor) -> float:
    """The variance of the outputs of one `part` of the network over a batch of normalised images (N, C, H, W)."""
    variances: list[float] = []

    def stop(_key: None, output: Tensor) -> None:
        variances.append(output.var().item())
        raise _EndOfPass

    with output_hooks({None: part}, stop), suppress(_EndOfPass):
        network(images)
    return variances[0]
