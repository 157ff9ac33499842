"""Forward and backward passes through a victim, and the losses that the attacks follow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import copy

import torch
from torch import Tensor

Victim = Callable[[Tensor], Tensor]

ROUNDING = 4e-6
"""The difference of logits between batch sizes, relative to the largest logit."""


@contextmanager
def frozen_parameters(model: Victim) -> Iterator[None]:
    """Disable parameter gradients inside the block: a backward pass then costs a third less.

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


def prefer_channels_last(model: Victim, x: Tensor) -> Victim:
    """`model` wrapped to get channels-last images where it computes on a processor, which is a sixth faster there.

    A model that calls `view` on its feature maps fails with them; its first call tells, and from then on it
    gets images in their own layout. The device is that of the model, or without parameters that of `x`.
    """
    return model if device_of(model, x).type != "cpu" else _ChannelsLast(model)


class _ChannelsLast:
    """A model that is called with channels-last images until a call fails with them."""

    def __init__(self, model: Victim) -> None:
        self.model, self.fits = model, True

    def __call__(self, images: Tensor) -> Tensor:
        if self.fits:
            try:
                return self.model(images.contiguous(memory_format=torch.channels_last))
            except RuntimeError:
                self.fits = False
        return self.model(images)


class ForwardPass:
    """A forward pass that backward passes can follow; `logits` (N, classes) are without a graph."""

    def __init__(self, victim: Victim, x: Tensor) -> None:
        """Run `victim` on `x` (N, C, H, W); ValueError where its logits do not depend on the images."""
        with torch.enable_grad():
            self._leaf = x.detach().requires_grad_(True)
            self._outputs = victim(self._leaf)
        if not self._outputs.requires_grad:
            raise ValueError("model: the logits are not a differentiable function of the input")
        self.logits = self._outputs.detach()
        self._chosen: Tensor | None = None

    def only(self, chosen: Tensor) -> ForwardPass:
        """This pass restricted to the samples `chosen` (N,) bool; the others' gradients are discarded."""
        if chosen.all():
            return self
        part = copy(self)
        part._chosen, part.logits = chosen, self.logits[chosen]
        return part

    def vjp(self, cotangent: Tensor, keep_graph: bool = False) -> Tensor:
        """The gradient (N, C, H, W) of sum(logits * cotangent): each sample has its own, whatever its batch.

        `keep_graph`: another backward pass will follow.
        """
        # The product is summed here: given `grad_outputs`, PyTorch imports its symbolic shapes, which takes a second.
        with torch.enable_grad():
            outputs = self._outputs if self._chosen is None else self._outputs[self._chosen]
            weighed = (outputs * cotangent).sum()
        (gradient,) = torch.autograd.grad(weighed, self._leaf, retain_graph=keep_graph)
        return (gradient if self._chosen is None else gradient[self._chosen]).contiguous()


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


def rounding_of(logits: Tensor) -> Tensor:
    """The smallest difference of two logits that keeps its sign in a batch of any size, (N,) float32.

    Batches of other sizes round differently, in proportion to the largest of the logits (N, classes).
    """
    return (ROUNDING * logits.abs().amax(1)).float()


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
