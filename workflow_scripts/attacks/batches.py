"""What attacks return, and the loop over batches that all of them share."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.attacks.gradients import ForwardPass, Victim, device_of, frozen_parameters, prefer_channels_last
from workflow_scripts.attacks.options import AttackOptions


@dataclass(frozen=True)
class AttackResult:
    """An attack's result for N images, in their order; tensors are on the device of `x`.

    x_adv: (N, C, H, W) float32 in [0, 1]; where the attack failed, its best attempt.
    skipped: (N,) bool, the image was not attacked, as the model misclassified it already, and `x_adv` is `x`; all
        False with the option `attack_all`.
    success: (N,) bool, the model classifies `x` correctly and misclassifies `x_adv`.
    predicted_before, predicted_after: (N,) int64, the model's classes of `x` and of the returned `x_adv`.
    iteration: (N,) int64, steps taken at the first success; -1 where there was none.
    forwards, backwards: (N,) int64, passes through the model per image, the two predictions included.
    zero_gradient: (N,) float32, share of exact zeros in the first gradient of the loss; 0 where none was taken.
    trajectory: None, or N tensors (T_i, C, H, W) from `x` to `x_adv`.
    extra: further values (N,) by name, of attacks that have them; False, or -1 for a class, where `skipped`.
    """

    x_adv: Tensor
    skipped: Tensor
    success: Tensor
    predicted_before: Tensor
    predicted_after: Tensor
    iteration: Tensor
    forwards: Tensor
    backwards: Tensor
    zero_gradient: Tensor
    trajectory: list[Tensor] | None = None
    extra: dict[str, Tensor] = field(default_factory=dict)


@dataclass(frozen=True)
class BatchResult:
    """The result for one batch of attacked images; fields as in `AttackResult`.

    `iteration` is that of the first success, or of the returned attempt where none was seen. `predicted`: the model's
    classes of `x_adv` where the attack has computed them; otherwise `attack_in_batches` does, by another pass.
    """

    x_adv: Tensor
    iteration: Tensor
    forwards: Tensor
    backwards: Tensor
    zero_gradient: Tensor
    trajectory: list[Tensor] | None = None
    predicted: Tensor | None = None
    extra: dict[str, Tensor] = field(default_factory=dict)


BatchAttack = Callable[..., BatchResult]
"""`attack_batch(victim, x, y, indices)`, or with `shares_first` `attack_batch(victim, x, y, indices, first)`."""


class Trajectories:
    """Collects intermediate images per input, on the processor; does nothing where `record` is false."""

    def __init__(self, x: Tensor, record: bool) -> None:
        self.images = [[image] for image in x.cpu().clone()] if record else None

    def add(self, rows: Tensor, images: Tensor) -> None:
        """Append `images` (R, C, H, W) to the inputs numbered `rows` (R,)."""
        if self.images is not None:
            for row, image in zip(rows.tolist(), images.detach().cpu().clone(), strict=True):
                self.images[row].append(image)

    def ending_at(self, last: Sequence[int] | None = None) -> list[Tensor] | None:
        """The trajectories (T_i, C, H, W); `last` cuts each one after that many images."""
        if self.images is None:
            return None
        ends = [None] * len(self.images) if last is None else last
        return [torch.stack(images[:end]) for images, end in zip(self.images, ends, strict=True)]


def uniform(seed: int, index: int, size: int) -> np.ndarray:
    """`size` float32 draws from [0, 1) that depend on (seed, index) alone.

    The top 24 bits of the words of a Philox counter generator: the same on every machine and version, and
    independent of what other images draw.
    """
    words = np.random.Philox(key=np.array([seed, index], dtype=np.uint64)).random_raw(size)
    return ((words >> np.uint64(40)).astype(np.float32)) * np.float32(2.0**-24)


def uniforms(seed: int, indices: Tensor, size: int) -> Tensor:
    """The first `size` draws from [0, 1) of each stream (seed, indices[i]), (N, size) float32."""
    return torch.from_numpy(np.stack([uniform(seed, index, size) for index in indices.tolist()]))


def uniform_like(x: Tensor, seed: int, indices: Tensor, skip: int = 0) -> Tensor:
    """Images (N, C, H, W) of draws from [0, 1), each from its own stream (seed, indices[i]) after `skip` draws."""
    return uniforms(seed, indices, skip + x[0].numel())[:, skip:].to(x.device).reshape(x.shape)


def attack_in_batches(
    model: Victim,
    x: Tensor,
    y: Tensor,
    attack_batch: BatchAttack,
    options: AttackOptions,
    *,
    shares_first: bool = False,
) -> AttackResult:
    """Attack the images that the model classifies correctly (with `attack_all` all images) and classify the results.

    `attack_batch(victim, x, y, indices)` gets the model as a function of images with its parameters frozen, and runs
    without gradients but for those that it asks for itself. With `shares_first` its fifth argument is the
    `ForwardPass` at `x` that told which images are classified correctly. That pass is counted already; a backward pass
    through it also covers the images that are not attacked. Raises ValueError on images that are not float32 in
    [0, 1] and on a model in training mode.
    """
    x, y, indices = _checked(x, y, options.indices)
    device = device_of(model, x)
    report = options.progress or (lambda n_done: None)
    x_adv, before, after = x.clone(memory_format=torch.contiguous_format), y.clone(), y.clone()
    iteration = torch.full_like(y, -1)
    forwards, backwards = torch.ones_like(y), torch.zeros_like(y)
    zero_gradient = torch.zeros(len(x), device=x.device)
    trajectory = [image[None].clone() for image in x] if options.record else None
    extra: dict[str, Tensor] = {}
    with frozen_parameters(model), torch.no_grad():
        victim = prefer_channels_last(model, x)
        for batch in torch.arange(len(x)).split(options.batch_size) if len(x) else ():
            images, labels = x[batch].to(device), y[batch].to(device)
            first = ForwardPass(victim, images) if shares_first else None
            predicted = (victim(images) if first is None else first.logits).argmax(1)
            wanted = torch.ones_like(labels, dtype=torch.bool) if options.attack_all else predicted == labels
            rows = batch[wanted.cpu()]
            before[batch] = after[batch] = predicted.to(y)
            report(len(batch) - len(rows))
            if not len(rows):
                continue
            shared = () if first is None else (first.only(wanted),)
            attempt = attack_batch(victim, images[wanted], labels[wanted], indices[rows], *shared)
            x_adv[rows] = attempt.x_adv.to(x_adv)
            if attempt.predicted is None:
                after[rows] = victim(x_adv[rows].to(device)).argmax(1).to(y)
                forwards[rows] += 1
            else:
                after[rows] = attempt.predicted.to(y)
            iteration[rows] = attempt.iteration.to(iteration)
            forwards[rows] += attempt.forwards.to(forwards)
            backwards[rows] += attempt.backwards.to(backwards)
            zero_gradient[rows] = attempt.zero_gradient.to(zero_gradient)
            for key, values in attempt.extra.items():
                empty = -1 if values.dtype == torch.int64 else 0
                whole = extra.setdefault(key, torch.full((len(x),), empty, dtype=values.dtype, device=x.device))
                whole[rows] = values.to(x.device)
            if trajectory is not None and attempt.trajectory is not None:
                for row, frames in zip(rows.tolist(), attempt.trajectory, strict=True):
                    trajectory[row] = frames.to(x.device)
            report(len(rows))
    success = (before == y) & (after != y)
    return AttackResult(
        x_adv=x_adv,
        skipped=torch.zeros_like(success) if options.attack_all else before != y,
        success=success,
        predicted_before=before,
        predicted_after=after,
        iteration=iteration.where(success, torch.full_like(iteration, -1)),
        forwards=forwards,
        backwards=backwards,
        zero_gradient=zero_gradient,
        trajectory=trajectory,
        extra=extra,
    )


def _checked(x: Tensor, y: Tensor, indices: Tensor | Sequence[int] | None) -> tuple[Tensor, Tensor, Tensor]:
    if x.dim() != 4 or x.dtype != torch.float32:
        raise ValueError(f"x: is {x.dtype} {tuple(x.shape)}; images are float32 (N, C, H, W)")
    if len(x) and not (x.min() >= 0 and x.max() <= 1):
        raise ValueError(f"x: ranges over [{x.min():g}, {x.max():g}]; images are in [0, 1]")
    if y.shape != (len(x),) or y.dtype != torch.int64:
        raise ValueError(f"y: is {y.dtype} {tuple(y.shape)}; labels are int64 ({len(x)},)")
    numbers = torch.arange(len(x)) if indices is None else torch.as_tensor(indices, dtype=torch.int64).cpu()
    if numbers.shape != (len(x),):
        raise ValueError(f"indices: is {tuple(numbers.shape)}; one per image is ({len(x)},)")
    return x.detach(), y.to(x.device), numbers
