"""Parameter-space saliency: how strongly one image's loss depends on each convolutional filter.

The attack_signatures paper's section 5.1 after Levin et al., "Where do models go wrong?" (2021): the model is in
evaluation mode, the loss is the cross-entropy to the true label, the gradient is one sample's, only four-dimensional
parameters count (every convolution, down-sampling ones too), and a filter's saliency is the mean over (in, kh, kw) of
the absolute gradient with respect to its weights.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap
from torch.nn.attention import SDPBackend, sdpa_kernel

from workflow_scripts.models.hooks import output_hooks

BUDGET = 1 << 30
"""Bytes for the gradients and feature maps of the images in memory at once; results do not depend on it."""


def memory_budget(device: torch.device | str) -> int:
    """Bytes to use on a device: half of a GPU's free memory, BUDGET on a processor."""
    return torch.cuda.mem_get_info()[0] // 2 if torch.device(device).type == "cuda" else BUDGET


def convolutions(model: nn.Module) -> OrderedDict[str, nn.Parameter]:
    """Name → four-dimensional parameter (filters, in, kh, kw), in the model's order."""
    return OrderedDict((name, weight) for name, weight in model.named_parameters() if weight.ndim == 4)


def filter_counts(model: nn.Module) -> OrderedDict[str, int]:
    """Convolution → number of its filters."""
    return OrderedDict((name, len(weight)) for name, weight in convolutions(model).items())


def single_saliency(model: nn.Module) -> Callable[[Tensor, Tensor], Tensor]:
    """A function (image (C, H, W) in [0, 1], label ()) → saliency (F,) of all filters of `model`.

    It is differentiable with respect to the image and works with `vmap`. ValueError for a model in training mode.
    """
    if model.training:
        raise ValueError("the model is in training mode: call eval() first")
    weights = OrderedDict((name, weight.detach()) for name, weight in convolutions(model).items())
    fixed = {n: p.detach() for n, p in model.named_parameters() if n not in weights} | dict(model.named_buffers())

    def loss(weights: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        with sdpa_kernel(SDPBackend.MATH):  # the only kind of attention that has second derivatives and works with vmap
            logits = functional_call(model, {**fixed, **weights}, (image[None],))
        return F.cross_entropy(logits, label[None])

    def saliency(image: Tensor, label: Tensor) -> Tensor:
        gradients = grad(loss)(weights, image, label)
        return torch.cat([gradients[name].abs().mean((1, 2, 3)) for name in weights])

    return saliency


def filter_saliency(model: nn.Module, x: Tensor, y: Tensor, budget: int = BUDGET) -> Tensor:
    """Saliency (N, F) of every filter for images `x` (N, C, H, W) in [0, 1] with true labels `y` (N,).

    Filters come in the order of `filter_counts`. As many images are processed at once as `budget` bytes hold gradients
    and feature maps of. ValueError for a model in training mode.
    """
    mapped, size = vmap(single_saliency(model)), images_at_once(model, x, budget)
    parts = [mapped(images, labels) for images, labels in zip(x.split(size), y.split(size), strict=True)]
    return torch.cat(parts) if parts else x.new_empty(0, sum(filter_counts(model).values()))


def images_at_once(model: nn.Module, x: Tensor, budget: int = BUDGET) -> int:
    """How many images fit into `budget` bytes, at least 1: each needs its own gradients and its maps of both passes."""
    if not len(x):
        return 1
    gradients = sum(weight.numel() for weight in convolutions(model).values())
    each = x.element_size() * (2 * gradients + 3 * map_elements(model, x[:1]))
    return max(1, budget // each)


@torch.no_grad()
def map_elements(model: nn.Module, image: Tensor) -> int:
    """Number of elements in the outputs of all modules without submodules, for one image (1, C, H, W)."""
    count = 0

    def add(_name: str, output: Tensor) -> None:
        nonlocal count
        count += output.numel() if isinstance(output, Tensor) else 0

    with output_hooks({name: part for name, part in model.named_modules() if not list(part.children())}, add):
        model(image)
    return count
