"""Attacks of other libraries, and functions of one's own: called, counted, seeded, and checked afterwards."""

from __future__ import annotations

import importlib
import random
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from workflow_scripts.attacks.batches import AttackResult, BatchResult, attack_in_batches
from workflow_scripts.attacks.budgets import measured
from workflow_scripts.attacks.gradients import Victim
from workflow_scripts.attacks.libraries.request import BUDGET_KEYWORDS, Request
from workflow_scripts.attacks.options import AttackError, AttackOptions
from workflow_scripts.attacks.targets import target_classes

LIBRARIES = ("foolbox", "torchattacks", "art", "adv_lib")
"""Libraries with an adapter of their own in `attacks.libraries`."""


def run(
    model: nn.Module,
    x: Tensor,
    y: Tensor,
    *,
    name: str,
    parameters: Mapping[str, Any] | None = None,
    epsilon: float | None = None,
    norm: str = "l2",
    target: str | int = "none",
    clip: bool = False,
    **keywords: Any,
) -> AttackResult:
    """Attack the images that `model` classifies correctly by what `name` says.

    name: `library:attack` for one of LIBRARIES, or `package.module:function`. parameters: keywords of the attack
    itself, in its own units for images in [0, 1]. epsilon: the budget in `norm` ("l0": a share of the features), in
    units of `pixel_range`; without it, that of `parameters`. The attack gets it, and its images are checked: `extra`
    of the result has `outside_box` and, with a budget, `outside_ball` (N,) bool, of the images as they were returned.
    clip: move such images back. target: see `targets.target_classes`; the classes are in `extra` as `target`.

    x: images (N, C, H, W) float32 in [0, 1]. y: labels (N,) int64. Further keywords: those of `AttackOptions`, of which
    `record` is not supported. The random numbers of a batch follow from (seed, index of its first image), so that the
    result depends on the batches. `forwards` and `backwards` are the batch's means, whole numbers of the same sum;
    `iteration` is 1, as the steps are unknown, and `zero_gradient` 0. Raises ValueError where the model is no module,
    and AttackError where the attack does not return one image for each.
    """
    options = AttackOptions(**keywords)
    if options.record:
        raise ValueError(f"record: {name} does not tell its intermediate images")
    if not isinstance(model, nn.Module):
        raise ValueError("model: has to be a torch.nn.Module, which libraries expect")
    parameters = dict(parameters or {})
    budget = _budget(parameters, epsilon, options.width if norm != "l0" else 1.0)
    library = name.partition(":")[0]
    adapter = library if library in LIBRARIES else "function"
    generate = importlib.import_module(f"workflow_scripts.attacks.libraries.{adapter}").generate

    def batch(victim: Victim, images: Tensor, labels: Tensor, indices: Tensor) -> BatchResult:
        logits = model(images if target != "none" else images[:1])
        targets = None if target == "none" else target_classes(logits, labels, target)
        seed = seed_of(options.seed, indices)
        attack_name = name if adapter == "function" else name.partition(":")[2]
        # Libraries may write into what they are given.
        asked = Request(
            model, images.clone(), labels.clone(), attack_name, parameters,
            None if epsilon is None else budget, targets, logits.shape[1], seed,
        )  # fmt: skip
        with torch.enable_grad(), seeded(seed), counted(model) as passes:
            x_adv = generate(asked)
        x_adv, extra = measured(images, _checked(name, x_adv, images), budget, norm, clip)
        if targets is not None:
            extra["target"] = targets
        return BatchResult(
            x_adv,
            torch.ones_like(labels),
            _shared_out(passes.forwards + (len(images) if targets is not None else 0), labels),
            _shared_out(passes.backwards, labels),
            torch.zeros(len(images), device=images.device),
            extra=extra,
        )

    return attack_in_batches(model, x, y, batch, options)


def seed_of(seed: int, indices: Tensor) -> int:
    """The seed of a batch of images with these `indices`: of its first one."""
    return int(np.random.SeedSequence([seed, int(indices[0])]).generate_state(1)[0])


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Seed the generators of PyTorch, NumPy and Python inside the block, and restore them after it."""
    numpy_state, python_state = np.random.get_state(), random.getstate()
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        np.random.seed(seed)
        random.seed(seed)
        try:
            yield
        finally:
            np.random.set_state(numpy_state)
            random.setstate(python_state)


@dataclass
class Passes:
    """Images that have passed through a model, forwards and backwards."""

    forwards: int = 0
    backwards: int = 0


@contextmanager
def counted(model: nn.Module) -> Iterator[Passes]:
    """Count the images that pass through `model` inside the block; a backward pass is one through its logits."""
    passes = Passes()

    def backward(gradient: Tensor) -> None:
        passes.backwards += len(gradient)

    def forward(module: nn.Module, inputs: Any, logits: Tensor) -> None:
        passes.forwards += len(logits)
        if logits.requires_grad:
            logits.register_hook(backward)

    handle = model.register_forward_hook(forward)
    try:
        yield passes
    finally:
        handle.remove()


def _budget(parameters: Mapping[str, Any], epsilon: float | None, width: float) -> float | None:
    """The budget in [0, 1] pixel values: `epsilon`, or else the number that `parameters` give."""
    if epsilon is not None:
        return float(epsilon) / width
    given = (parameters[key] for key in BUDGET_KEYWORDS if isinstance(parameters.get(key), int | float))
    return next(map(float, given), None)


def _checked(name: str, x_adv: Any, x: Tensor) -> Tensor:
    """The attack's images as float32; AttackError where they are not images like `x`."""
    if not isinstance(x_adv, Tensor) or x_adv.shape != x.shape:
        got = tuple(x_adv.shape) if isinstance(x_adv, Tensor) else type(x_adv).__name__
        raise AttackError(f"{name} returned {got} for images {tuple(x.shape)}: it has to return one image for each")
    x_adv = x_adv.detach().to(x)
    if not x_adv.isfinite().all():
        raise AttackError(f"{name} returned pixels that are not finite numbers")
    return x_adv


def _shared_out(total: int, like: Tensor) -> Tensor:
    """`total` passes divided among N images, (N,) int64: the first ones have one more, so that the sum is right."""
    each, rest = divmod(total, len(like))
    return torch.full_like(like, each) + (torch.arange(len(like), device=like.device) < rest)
