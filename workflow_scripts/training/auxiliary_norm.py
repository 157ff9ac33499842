"""Auxiliary batch norms: they help a training and are folded into the weights at its end.

A batch norm directly behind a convolution or dense layer is an affine map in evaluation mode, so it can be folded into
that layer's weight and bias exactly. A network without normalisation is trained with one behind every hidden layer and
ends as the published network, with the published number of parameters, after far fewer epochs.
"""

from __future__ import annotations

import copy

import torch
from torch import Tensor, nn

NORM_OF = {nn.Conv2d: nn.BatchNorm2d, nn.Linear: nn.BatchNorm1d}


class LayerWithNorm(nn.Module):
    """A layer and the batch norm that will be folded into it."""

    def __init__(self, layer: nn.Conv2d | nn.Linear):
        super().__init__()
        self.layer = layer
        size = layer.out_channels if isinstance(layer, nn.Conv2d) else layer.out_features
        self.norm = NORM_OF[type(layer)](size)

    def forward(self, x: Tensor) -> Tensor:
        return self.norm(self.layer(x))

    @torch.no_grad()
    def folded(self) -> nn.Module:
        """The layer alone, computing what layer and norm compute in evaluation mode."""
        layer = copy.deepcopy(self.layer)
        scale = self.norm.weight * torch.rsqrt(self.norm.running_var + self.norm.eps)
        bias = layer.bias if layer.bias is not None else torch.zeros_like(scale)
        layer.weight.mul_(scale.view(-1, *[1] * (layer.weight.ndim - 1)))
        layer.bias = nn.Parameter((bias - self.norm.running_mean) * scale + self.norm.bias)
        return layer


def add_norms(network: nn.Module) -> None:
    """Put a batch norm behind every convolution and dense layer but the last, in place.

    Raises ValueError for a network that has batch norms of its own: its batch norms are kept.
    """
    if any(isinstance(part, nn.modules.batchnorm._BatchNorm) for part in network.modules()):
        raise ValueError("trainings.<name>.auxiliary_batch_norm is for architectures without batch norms of their own")
    hidden = [(name, part) for name, part in network.named_modules() if type(part) in NORM_OF][:-1]
    for name, part in hidden:
        _replace(network, name, LayerWithNorm(part))


def without_norms(network: nn.Module) -> nn.Module:
    """A copy of the network with every auxiliary norm folded in; a plain copy where there is none."""
    plain = copy.deepcopy(network)
    for name, part in [(name, part) for name, part in plain.named_modules() if isinstance(part, LayerWithNorm)]:
        _replace(plain, name, part.folded())
    return plain


def _replace(network: nn.Module, name: str, part: nn.Module) -> None:
    parent, _, last = name.rpartition(".")
    setattr(network.get_submodule(parent), last, part)
