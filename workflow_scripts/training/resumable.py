"""The frame of every training: epochs of steps, a state to save after any step, and the same result when resumed.

Every random number of a step comes from a generator seeded by (seed, epoch, step), so a state needs no generators: a
resumed training continues with exactly the numbers that an uninterrupted one would have drawn.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import torch
from torch import nn


class DivergedError(RuntimeError):
    """The loss is no longer a finite number."""


@dataclass
class Progress:
    """How far a training has come: finished epochs, finished steps of the current epoch, and a row per epoch."""

    epoch: int = 0
    step: int = 0
    history: list[dict] = field(default_factory=list)


P = TypeVar("P", bound=Progress)


class ResumableTrainer(Generic[P]):
    """`steps()` advances a training; `state()` and `restore()` carry it over an interruption.

    A subclass implements `_step`, one optimiser step, and `_finish_epoch`, which returns the epoch's row of the
    history and resets its own running sums; `_start_epoch` too where there is something to prepare.
    """

    def __init__(
        self, model: nn.Module, optimizer: torch.optim.Optimizer, progress: P, *, epochs: int, steps_per_epoch: int
    ):
        self.model, self.optimizer, self.progress = model, optimizer, progress
        self.epochs, self.steps_per_epoch = epochs, steps_per_epoch

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
        self.progress = type(self.progress)(**state["progress"])

    def steps(self) -> Iterator[P]:
        """Train to the end; yields after every step, so that the caller may report, save or stop."""
        while self.progress.epoch < self.epochs:
            self._start_epoch()
            self.model.train()
            while self.progress.step < self.steps_per_epoch:
                self._step()
                self.progress.step += 1
                if self.progress.step < self.steps_per_epoch:
                    yield self.progress
            row = self._finish_epoch()
            self.progress.history.append({"epoch": self.progress.epoch + 1, **row})
            self.progress.epoch, self.progress.step = self.progress.epoch + 1, 0
            yield self.progress

    def _start_epoch(self) -> None:
        """Prepare the epoch; called again when a training resumes within it."""

    def _step(self) -> None:
        raise NotImplementedError

    def _finish_epoch(self) -> dict[str, float]:
        raise NotImplementedError


def step_seed(seed: int, epoch: int, step: int) -> int:
    """A 63-bit seed for one step, the same on every platform."""
    text = f"training/{seed}/{epoch}/{step}".encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


def require_finite(value: float, what: str, when: str, remedy: str) -> None:
    """DivergedError, with the remedy, for a NaN or an infinity."""
    if not math.isfinite(value):
        raise DivergedError(f"{what} became {value} in {when}: {remedy}")
