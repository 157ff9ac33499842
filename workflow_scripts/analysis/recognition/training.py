"""Training of a recogniser: Adam over G and Ψ together on class-balanced batches; resuming gives the same weights."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.analysis.recognition.losses import LossNetworks, LossWeights, redrl_losses, total_loss
from workflow_scripts.analysis.recognition.pipeline import Pipeline
from workflow_scripts.analysis.recognition.sets import ImageSets, draw_rows
from workflow_scripts.training.resumable import Progress, ResumableTrainer, require_finite, step_seed


@dataclass(frozen=True)
class RecogniserHyperparameters:
    """Hyperparameters of a recogniser's training; the defaults are the published ones for CIFAR-10.

    An epoch is `steps_per_epoch` batches; the learning rate is constant within an epoch.
    """

    epochs: int = 100
    steps_per_epoch: int = 391
    batch_size: int = 128
    learning_rate: float = 3.5e-4
    weight_decay: float = 5e-4
    warmup_epochs: int = 10
    milestones: tuple[int, ...] = (40, 70, 90)
    label_smoothing: float = 0.0
    weights: LossWeights = LossWeights()


WARMUP_START, DECAY = 0.01, 0.1


def learning_rate_factor(hyper: RecogniserHyperparameters, epoch: int) -> float:
    """Factor of the learning rate in an epoch (from 0): linear from 0.01 to 1 in the warm-up, × 0.1 per milestone."""
    if epoch < hyper.warmup_epochs:
        return WARMUP_START + (1 - WARMUP_START) * epoch / hyper.warmup_epochs
    return DECAY ** sum(epoch >= milestone for milestone in hyper.milestones)


@dataclass
class RecogniserProgress(Progress):
    """How far a recogniser's training has come: sums of the current epoch's losses by name."""

    sums: dict[str, float] = field(default_factory=dict)


class RecogniserTrainer(ResumableTrainer[RecogniserProgress]):
    """The training of one recogniser, in float32 on processors and GPUs.

    bfloat16 rounds to 1/256 of a number, about the size of the residuals that a recogniser has to tell apart, and it
    has not been shown that recognition is as good with it; the `precision` of trainings does not apply to recognisers.
    """

    def __init__(
        self,
        pipeline: Pipeline,
        hyper: RecogniserHyperparameters,
        sets: ImageSets,
        loss_networks: LossNetworks,
        seed: int,
    ):
        self.pipeline, self.hyper, self.sets, self.seed = pipeline, hyper, sets, seed
        self.loss_networks = loss_networks
        self.device = next(pipeline.parameters()).device
        super().__init__(
            pipeline,
            torch.optim.Adam(pipeline.parameters(), lr=hyper.learning_rate, weight_decay=hyper.weight_decay),
            RecogniserProgress(),
            epochs=hyper.epochs,
            steps_per_epoch=hyper.steps_per_epoch,
        )

    def _step(self) -> None:
        """One optimiser step; sums its losses, not weighted, their total, and the share of images recognised."""
        epoch, step, hyper = self.progress.epoch, self.progress.step, self.hyper
        seed = step_seed(self.seed, epoch, step)
        torch.manual_seed(seed)
        batch = self.sets.batch(draw_rows(self.sets, hyper.batch_size, np.random.default_rng(seed))).to(self.device)
        for group in self.optimizer.param_groups:
            group["lr"] = hyper.learning_rate * learning_rate_factor(hyper, epoch)
        output = self.pipeline(batch.x_adv, batch.x)
        found = redrl_losses(output, batch, hyper.weights, self.loss_networks, hyper.label_smoothing)
        loss = total_loss(found, hyper.weights)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        values = {**{name: value.item() for name, value in found.items()}, "total": loss.item()}
        remedy = "lower the grid's learning_rate in studies.attack_signatures.datasets"
        require_finite(values["total"], "the recogniser's loss", f"epoch {epoch + 1}, step {step + 1}", remedy)
        values["accuracy"] = _share_right(output.logits, batch.attack)
        for name, value in values.items():
            self.progress.sums[name] = self.progress.sums.get(name, 0.0) + value

    def _finish_epoch(self) -> dict[str, float]:
        means = {name: value / self.steps_per_epoch for name, value in self.progress.sums.items()}
        self.progress.sums = {}
        return means


def _share_right(logits: Tensor, attack: Tensor) -> float:
    return logits.argmax(1).eq(attack).float().mean().item()
