"""Initial weights: layer-sequential unit variance (Mishkin & Matas 2016) and Kaiming's (He et al. 2015)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

WEIGHTED = (nn.Conv2d, nn.Linear)


def initialise(network: nn.Module, method: str, images: Tensor) -> None:
    """Set the network's weights in place by the global generator; biases become zero.

    `method`: "lsuv" or "kaiming"; `images`: a normalised batch (N, C, H, W), which LSUV alone looks at.
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


class _Reached(Exception):
    """Ends a forward pass at the layer that was asked for: what comes after it is not needed."""


def output_variance(network: nn.Module, part: nn.Module, images: Tensor) -> float:
    seen: list[float] = []

    def stop(_module, _inputs, output):
        seen.append(output.var().item())
        raise _Reached

    handle = part.register_forward_hook(stop)
    try:
        network(images)
    except _Reached:
        pass
    finally:
        handle.remove()
    return seen[0]
