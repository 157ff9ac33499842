"""Forward and backward passes through a victim, and the losses that the attacks follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

Victim = Callable[[Tensor], Tensor]


@contextmanager
def frozen(model: Victim) -> Iterator[None]:
    """Within the block no parameter of `model` asks for a gradient: a backward pass then costs a third less.

    Raises ValueError where a part of the model is in training mode: dropout and batch statistics would make
    the result depend on chance and on the other inputs of the batch.
    """
    if not isinstance(model, torch.nn.Module):
        yield
        return
    if any(module.training for module in model.modules()):
        raise ValueError("model: is in training mode; call model.eval() before an attack")
    thawed = [parameter for parameter in model.parameters() if parameter.requires_grad]
    try:
        for parameter in thawed:
            parameter.requires_grad_(False)
        yield
    finally:
        for parameter in thawed:
            parameter.requires_grad_(True)


def device_of(model: Victim, x: Tensor) -> torch.device:
    """Where the model computes: its first parameter's device; without parameters, that of `x`."""
    if isinstance(model, torch.nn.Module):
        for parameter in model.parameters():
            return parameter.device
    return x.device


def laid_out(model: Victim, x: Tensor) -> Victim:
    """`model`, fed channel-last images where it computes on a processor and takes them: a third faster there.

    A model that calls `view` on its feature maps does not take them; one image of `x` (N, C, H, W) tells.
    """
    if device_of(model, x).type != "cpu" or not len(x):
        return model

    def channels_last(images: Tensor) -> Tensor:
        return model(images.contiguous(memory_format=torch.channels_last))

    try:
        channels_last(x[:1])
    except RuntimeError:
        return model
    return channels_last


def with_graph(victim: Victim, x: Tensor) -> tuple[Tensor, Tensor]:
    """A leaf that shares the memory of `x` (N, C, H, W), and its logits (N, classes) with their graph."""
    with torch.enable_grad():
        leaf = x.detach().requires_grad_(True)
        logits = victim(leaf)
    if not logits.requires_grad:
        raise ValueError("model: the logits are not a differentiable function of the input")
    return leaf, logits


def pull_back(leaf: Tensor, outputs: Tensor, cotangent: Tensor, keep_graph: bool = False) -> Tensor:
    """The gradient of sum(outputs * cotangent) by `leaf`: each sample has its own, whatever its batch."""
    (gradient,) = torch.autograd.grad(outputs, leaf, cotangent, retain_graph=keep_graph)
    return gradient.contiguous()


def log_odds(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """log(sum of the wrong classes' probabilities / the right class's), (N,), and its gradient by the logits.

    With L this value, the cross-entropy is log(1 + exp(L)), so both rise together, and the cross-entropy's
    gradient is (1 - p_y) times this one. Where the softmax saturates, 1 - p_y rounds to zero and takes the
    cross-entropy's gradient with it; this one stays of order one and has the same sign. A constant added to
    the logits cancels.
    """
    right = logits.gather(1, y[:, None])
    wrong = (logits - right).scatter(1, y[:, None], -torch.inf)
    cotangent = wrong.softmax(1).scatter(1, y[:, None], -1.0)
    return wrong.logsumexp(1), cotangent


def margin(logits: Tensor, y: Tensor) -> tuple[Tensor, Tensor]:
    """z_y - max over the others (N,): negative where the model is wrong; and the runner-up class (N,)."""
    other, runner_up = logits.scatter(1, y[:, None], -torch.inf).max(1)
    return logits.gather(1, y[:, None])[:, 0] - other, runner_up


def masked_share(gradient: Tensor, logits: Tensor, y: Tensor) -> Tensor:
    """Share (N,) of the features whose cross-entropy gradient is exactly zero in single precision.

    `gradient` is that of `log_odds`. Near one, the model masks its gradients (a distilled model does), and an
    attack that follows the plain cross-entropy proves nothing about it.
    """
    doubt = logits.float().softmax(1).scatter(1, y[:, None], 0.0).sum(1)
    return zero_share(gradient.flatten(1) * doubt[:, None])


def zero_share(gradient: Tensor) -> Tensor:
    """Share (N,) of exact zeros in a gradient (N, ...)."""
    return (gradient.flatten(1) == 0).float().mean(1)


def per_sample(values: Tensor, like: Tensor) -> Tensor:
    """`values` (N,) shaped (N, 1, 1, 1) so that it broadcasts over the images `like`."""
    return values.view(-1, *[1] * (like.dim() - 1))
