"""Parameter-space saliency: how strongly each convolutional filter answers for one image's loss.

The attack_signatures paper's section 5.1 after Levin et al., "Where do models go wrong?" (2021): the model is in
evaluation mode, the loss is the cross-entropy to the true label, the gradient is one sample's, only four-dimensional
parameters count (every convolution, down-sampling ones too), and a filter's saliency is the mean over (in, kh, kw) of
the absolute gradient by its weights.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.func import functional_call, grad, vmap

BUDGET = 1 << 30
"""Bytes that the gradients and feature maps of the images at once may take; it decides no result."""
REDUCED = (1, 2, 3)


def budget_on(device: torch.device | str) -> int:
    """Bytes to spend on a device: half of what a GPU has free, BUDGET on a processor."""
    return torch.cuda.mem_get_info()[0] // 2 if torch.device(device).type == "cuda" else BUDGET


def convolutions(model: nn.Module) -> OrderedDict[str, nn.Parameter]:
    """Name → four-dimensional parameter (filters, in, kh, kw), in the order in which the model declares them."""
    return OrderedDict((name, weight) for name, weight in model.named_parameters() if weight.ndim == 4)


def filter_counts(model: nn.Module) -> OrderedDict[str, int]:
    """Convolution → number of its filters."""
    return OrderedDict((name, len(weight)) for name, weight in convolutions(model).items())


def single_saliency(model: nn.Module) -> Callable[[Tensor, Tensor], Tensor]:
    """A function of one image (C, H, W) in [0, 1] and its label () that gives the saliency (F,) of all filters.

    It is differentiable by the image and can be mapped over batches. `model` must be in evaluation mode: otherwise
    ValueError.
    """
    if model.training:
        raise ValueError("model: is in training mode; a sample's gradient would depend on the other samples")
    weights = OrderedDict((name, weight.detach()) for name, weight in convolutions(model).items())
    fixed = {n: p.detach() for n, p in model.named_parameters() if n not in weights} | dict(model.named_buffers())

    def loss(weights: dict[str, Tensor], image: Tensor, label: Tensor) -> Tensor:
        logits = functional_call(model, {**fixed, **weights}, (image[None],))
        return F.cross_entropy(logits, label[None])

    def saliency(image: Tensor, label: Tensor) -> Tensor:
        gradients = grad(loss)(weights, image, label)
        return torch.cat([gradients[name].abs().mean(REDUCED) for name in weights])

    return saliency


def filter_saliency(model: nn.Module, x: Tensor, y: Tensor, budget: int = BUDGET) -> Tensor:
    """Saliency (N, F) of every filter for images `x` (N, C, H, W) in [0, 1] with true labels `y` (N,).

    The images are taken so many at once that `budget` bytes hold their gradients and feature maps.
    """
    mapped, size = vmap(single_saliency(model)), images_at_once(model, x, budget)
    parts = [mapped(images, labels) for images, labels in zip(x.split(size), y.split(size), strict=True)]
    return torch.cat(parts) if parts else x.new_empty(0, sum(filter_counts(model).values()))


def images_at_once(model: nn.Module, x: Tensor, budget: int = BUDGET) -> int:
    """How many images fit into `budget` bytes: each needs its own gradients, and its maps for both passes."""
    if not len(x):
        return 1
    gradients = sum(weight.numel() for weight in convolutions(model).values())
    each = x.element_size() * (2 * gradients + 3 * map_elements(model, x[:1]))
    return max(1, budget // each)


@torch.no_grad()
def map_elements(model: nn.Module, image: Tensor) -> int:
    """Number of elements in the outputs of every elementary module for one image (1, C, H, W)."""
    count = 0

    def note(_module, _inputs, output):
        nonlocal count
        count += output.numel() if isinstance(output, Tensor) else 0

    handles = [part.register_forward_hook(note) for part in model.modules() if not list(part.children())]
    try:
        model(image)
    finally:
        for handle in handles:
            handle.remove()
    return count
