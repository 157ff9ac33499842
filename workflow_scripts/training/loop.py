"""The training loop: deterministic, resumable to the same weights, images resident on the device.

Every random number of a step comes from a generator seeded by (seed, epoch, step), so a checkpoint needs no generator
state: an interrupted training continues with exactly the numbers that an unbroken one would have drawn.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workflow_scripts.training.augment import Augmentation
from workflow_scripts.training.objective import CrossEntropy, Objective
from workflow_scripts.training.schedule import crop_size, learning_rate


class DivergedError(RuntimeError):
    """The loss is no longer a finite number."""


@dataclass(frozen=True)
class Hyperparameters:
    """What decides a training, beside the data and the seed; all numbers are plain floats and ints here."""

    epochs: int
    batch_size: int
    learning_rate: float
    schedule: dict
    optimizer: str = "sgd_nesterov"
    momentum: float = 0.9
    weight_decay: float = 5e-4
    label_smoothing: float = 0.0
    gradient_clip: float | None = None
    flip: bool = False
    shift: int = 0
    crop_stages: list[dict] = field(default_factory=list)
    auxiliary_batch_norm: bool = False
    temperature: float = 1.0


@dataclass(frozen=True)
class Images:
    """uint8 images (N, C, H, W) and int64 labels (N,), both on the training device."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


@dataclass
class Progress:
    """Where a training stands: what a checkpoint holds beside the weights."""

    epoch: int = 0
    step: int = 0
    loss_sum: float = 0.0
    correct: int = 0
    history: list[dict] = field(default_factory=list)
    best_accuracy: float = -1.0
    best_epoch: int = -1
    best_weights: dict[str, Tensor] = field(default_factory=dict)


def step_seed(seed: int, epoch: int, step: int) -> int:
    """A 63-bit seed for one step, the same on every platform."""
    text = f"training/{seed}/{epoch}/{step}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def as_images(batch: Tensor) -> Tensor:
    """uint8 (N, C, H, W) → float32 in [0, 1]."""
    return batch.float().div_(255)


def make_optimizer(model: nn.Module, hyper: Hyperparameters) -> torch.optim.Optimizer:
    """SGD with Nesterov momentum or AdamW, weight decay on weight matrices and kernels alone; or PyTorch's own SGD."""
    if hyper.optimizer == "sgd_torch":
        return torch.optim.SGD(
            model.parameters(), lr=hyper.learning_rate, momentum=hyper.momentum, weight_decay=hyper.weight_decay
        )
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": hyper.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    if hyper.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=hyper.learning_rate)
    return torch.optim.SGD(groups, lr=hyper.learning_rate, momentum=hyper.momentum, nesterov=hyper.momentum > 0)


class Trainer:
    """One training; `steps()` advances it, `state()` and `restore()` carry it over an interruption.

    objective: what a step minimises; cross-entropy against the labels where none is given.
    measure: called with (model, epoch) after every epoch; what it returns becomes columns of the history.
    select_by: the history's column whose largest value marks the best epoch.
    """

    def __init__(
        self,
        model: nn.Module,
        hyper: Hyperparameters,
        train: Images,
        validation: Images,
        seed: int,
        objective: Objective | None = None,
        measure: Callable[[nn.Module, int], dict[str, float]] | None = None,
        select_by: str = "validation_accuracy",
    ):
        self.model, self.hyper, self.train_set, self.validation, self.seed = model, hyper, train, validation, seed
        self.objective = objective or CrossEntropy(hyper.label_smoothing, hyper.temperature)
        self.measure, self.select_by = measure, select_by
        self.device = train.x.device
        self.model.to(self.device, memory_format=torch.channels_last)
        self.optimizer = make_optimizer(self.model, hyper)
        self.augmentation = Augmentation(hyper.flip, hyper.shift)
        self.steps_per_epoch = max(1, len(train) // hyper.batch_size)
        self.progress = Progress()

    def state(self) -> dict:
        """Everything that `restore` needs, as tensors and plain values (loadable with weights_only=True)."""
        return {
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "progress": dict(vars(self.progress)),
        }

    def restore(self, state: dict) -> None:
        """Continue where `state` was taken."""
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.progress = Progress(**state["progress"])

    def steps(self) -> Iterator[Progress]:
        """Train to the end; yields after every step, so that the caller may report, checkpoint or stop."""
        while self.progress.epoch < self.hyper.epochs:
            epoch = self.progress.epoch
            order = torch.randperm(
                len(self.train_set), generator=torch.Generator().manual_seed(step_seed(self.seed, epoch, -1))
            ).to(self.device)
            self.model.train()
            while self.progress.step < self.steps_per_epoch:
                start = self.progress.step * self.hyper.batch_size
                self._step(order[start : start + self.hyper.batch_size])
                self.progress.step += 1
                if self.progress.step < self.steps_per_epoch:
                    yield self.progress
            self._finish_epoch()
            yield self.progress

    def _step(self, chosen: Tensor) -> None:
        epoch, step = self.progress.epoch, self.progress.step
        seed = step_seed(self.seed, epoch, step)
        torch.manual_seed(seed)
        passed = epoch + step / self.steps_per_epoch
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.hyper.schedule, self.hyper.learning_rate, passed, self.hyper.epochs)
        x, y = as_images(self.train_set.x[chosen]), self.train_set.y[chosen]
        size = crop_size(self.hyper.crop_stages, epoch, x.shape[-1])
        x = self.augmentation(x, size, torch.Generator().manual_seed(seed))
        x = x.contiguous(memory_format=torch.channels_last)
        loss, logits = self.objective(self.model, x, y, chosen)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.hyper.gradient_clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.hyper.gradient_clip)
        self.optimizer.step()
        value = loss.item()
        require_finite(value, f"the training's loss became {value} in epoch {epoch + 1}, step {step + 1}")
        self.progress.loss_sum += value
        self.progress.correct += int(logits.argmax(1).eq(y).sum())

    def _finish_epoch(self) -> None:
        progress, seen = self.progress, self.steps_per_epoch * self.hyper.batch_size
        loss, accuracy = evaluate(self.model, self.validation)
        require_finite(loss, f"the validation loss became {loss} in epoch {progress.epoch + 1}")
        row = {
            "epoch": progress.epoch + 1,
            "train_loss": progress.loss_sum / self.steps_per_epoch,
            "train_accuracy": progress.correct / min(seen, len(self.train_set)),
            "validation_loss": loss,
            "validation_accuracy": accuracy,
        }
        if self.measure is not None:
            row |= self.measure(self.model, progress.epoch)
        progress.history.append(row)
        if row[self.select_by] > progress.best_accuracy:
            progress.best_accuracy, progress.best_epoch = row[self.select_by], progress.epoch + 1
            progress.best_weights = {k: v.detach().cpu().clone() for k, v in self.model.state_dict().items()}
        progress.epoch, progress.step, progress.loss_sum, progress.correct = progress.epoch + 1, 0, 0.0, 0


def require_finite(value: float, text: str) -> None:
    """DivergedError, with the remedy, for a NaN or an infinity."""
    if not math.isfinite(value):
        raise DivergedError(f"{text}: lower learning_rate or set gradient_clip in trainings")


@torch.no_grad()
def evaluate(model: nn.Module, images: Images, batch_size: int = 500) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (0 … 1) in evaluation mode, in float32."""
    model.eval()
    loss, correct = 0.0, 0
    for start in range(0, len(images), batch_size):
        x, y = as_images(images.x[start : start + batch_size]), images.y[start : start + batch_size]
        logits = model(x.contiguous(memory_format=torch.channels_last))
        loss += F.cross_entropy(logits, y, reduction="sum").item()
        correct += int(logits.argmax(1).eq(y).sum())
    return loss / len(images), correct / len(images)
