"""The training of a classifier: deterministic, resumable to the same weights, images resident on the device."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import torch
from torch import Tensor, nn

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.training.augment import Augmentation
from workflow_scripts.training.evaluation import LabelledTensors, evaluate
from workflow_scripts.training.objective import CrossEntropy, Objective
from workflow_scripts.training.resumable import Progress, ResumableTrainer, require_finite, step_seed
from workflow_scripts.training.schedule import crop_size, learning_rate

REMEDY = "lower learning_rate or set gradient_clip in trainings"


@dataclass(frozen=True)
class Hyperparameters:
    """Everything that decides a classifier's training beside the data and the seed."""

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
    precision: str = "float32"


@dataclass
class TrainingProgress(Progress):
    """How far a classifier's training has come: running sums of the current epoch, and the best epoch so far."""

    loss_sum: float = 0.0
    correct: int = 0
    best_accuracy: float = -1.0
    best_epoch: int = -1
    best_weights: dict[str, Tensor] = field(default_factory=dict)


def make_optimizer(model: nn.Module, hyper: Hyperparameters) -> torch.optim.Optimizer:
    """SGD with Nesterov momentum or AdamW, with weight decay on kernels and weight matrices only; or plain SGD.

    Fused: one pass over each parameter per step, a third of the time of PyTorch's default on a processor.
    """
    if hyper.optimizer == "sgd_torch":
        return torch.optim.SGD(
            model.parameters(),
            lr=hyper.learning_rate,
            momentum=hyper.momentum,
            weight_decay=hyper.weight_decay,
            fused=True,
        )
    decayed = [p for p in model.parameters() if p.ndim > 1]
    plain = [p for p in model.parameters() if p.ndim <= 1]
    groups = [{"params": decayed, "weight_decay": hyper.weight_decay}, {"params": plain, "weight_decay": 0.0}]
    if hyper.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=hyper.learning_rate, fused=True)
    return torch.optim.SGD(
        groups, lr=hyper.learning_rate, momentum=hyper.momentum, nesterov=hyper.momentum > 0, fused=True
    )


class Trainer(ResumableTrainer[TrainingProgress]):
    """The training of one classifier.

    objective: what a step minimises; by default cross-entropy against the labels.
    measure: called with (model, epoch) after each epoch; the returned values become columns of the history.
    select_by: the history's column whose largest value marks the best epoch.
    """

    def __init__(
        self,
        model: nn.Module,
        hyper: Hyperparameters,
        train: LabelledTensors,
        validation: LabelledTensors,
        seed: int,
        objective: Objective | None = None,
        measure: Callable[[nn.Module, int], dict[str, float]] | None = None,
        select_by: str = "validation_accuracy",
    ):
        self.hyper, self.train_set, self.validation, self.seed = hyper, train, validation, seed
        self.objective = objective or CrossEntropy(hyper.label_smoothing, hyper.temperature, hyper.precision)
        self.measure, self.select_by = measure, select_by
        self.device = train.x.device
        model.to(self.device, memory_format=torch.channels_last)
        self.augmentation = Augmentation(hyper.flip, hyper.shift)
        super().__init__(
            model,
            make_optimizer(model, hyper),
            TrainingProgress(),
            epochs=hyper.epochs,
            steps_per_epoch=max(1, len(train) // hyper.batch_size),
        )

    def _start_epoch(self) -> None:
        generator = torch.Generator().manual_seed(step_seed(self.seed, self.progress.epoch, -1))
        self.order = torch.randperm(len(self.train_set), generator=generator).to(self.device)

    def _step(self) -> None:
        epoch, step, size = self.progress.epoch, self.progress.step, self.hyper.batch_size
        seed = step_seed(self.seed, epoch, step)
        torch.manual_seed(seed)
        done = epoch + step / self.steps_per_epoch
        for group in self.optimizer.param_groups:
            group["lr"] = learning_rate(self.hyper.schedule, self.hyper.learning_rate, done, self.hyper.epochs)
        chosen = self.order[step * size : (step + 1) * size]
        x, y = self._augmented(chosen, epoch, seed), self.train_set.y[chosen]
        loss, logits = self.objective(self.model, x, y, chosen)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.hyper.gradient_clip is not None:
            nn.utils.clip_grad_norm_(self.model.parameters(), self.hyper.gradient_clip)
        self.optimizer.step()
        hits = logits.argmax(1).eq(y).sum()
        value, correct = torch.stack([loss.detach(), hits.to(loss)]).tolist()  # one transfer from a GPU per step
        require_finite(value, "the training's loss", f"epoch {epoch + 1}, step {step + 1}", REMEDY)
        self.progress.loss_sum += value
        self.progress.correct += int(correct)

    def _augmented(self, chosen: Tensor, epoch: int, seed: int) -> Tensor:
        """The batch's images, float32 (B, C, size, size) in [0, 1], channels last."""
        x = to_unit_range(self.train_set.x[chosen])
        size = crop_size(self.hyper.crop_stages, epoch, x.shape[-1])
        x = self.augmentation(x, size, torch.Generator().manual_seed(seed))
        return x.contiguous(memory_format=torch.channels_last)

    def _finish_epoch(self) -> dict[str, float]:
        progress, seen = self.progress, self.steps_per_epoch * self.hyper.batch_size
        loss, accuracy = evaluate(self.model, self.validation)
        require_finite(loss, "the validation loss", f"epoch {progress.epoch + 1}", REMEDY)
        row = {
            "train_loss": progress.loss_sum / self.steps_per_epoch,
            "train_accuracy": progress.correct / min(seen, len(self.train_set)),
            "validation_loss": loss,
            "validation_accuracy": accuracy,
        }
        if self.measure is not None:
            row |= self.measure(self.model, progress.epoch)
        if row[self.select_by] > progress.best_accuracy:
            progress.best_accuracy, progress.best_epoch = row[self.select_by], progress.epoch + 1
            progress.best_weights = {k: v.detach().cpu().clone() for k, v in self.model.state_dict().items()}
        progress.loss_sum, progress.correct = 0.0, 0
        return row
