"""What the stages that train a classifier share: parameters from the recipe, checkpoints, and the payload.

The payload: best.safetensors, last.safetensors and history.csv; the description tells how to build the network again.
"""

from __future__ import annotations

import copy
import csv
import math
import time
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn

from workflow_scripts.jobs.progress import progress
from workflow_scripts.recipes.atomic_files import atomically
from workflow_scripts.recipes.exact_numbers import to_float, to_value
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.training.auxiliary_norm import without_norms
from workflow_scripts.training.evaluation import LabelledTensors, evaluate, model_metrics
from workflow_scripts.training.loop import Hyperparameters, Trainer
from workflow_scripts.training.resumable import ResumableTrainer

CHECKPOINT_SECONDS = 60


def describe(parameters: dict, dataset: Artifact) -> dict:
    """Everything that `load_classifier` needs to build this classifier again."""
    channels = dataset.metrics["channels"]
    return {
        "architecture": parameters["architecture"],
        "in_channels": channels,
        "classes": dataset.metrics["classes"],
        "image_size": dataset.metrics["image_size"],
        "parameters": {key: to_value(value) for key, value in parameters["build"].items()},
        **{key: parameters[key] for key in ("layers", "initialisation") if key in parameters},
        **{key: per_channel(parameters[key], channels, key) for key in ("mean", "std")},
    }


def per_channel(values: list[str], channels: int, key: str) -> list[float]:
    """One number per channel from the recipe's exact ones, of which there may be only one for all channels."""
    if len(values) not in (1, channels):
        raise ValueError(f"datasets.<name>.{key} has {len(values)} numbers for {channels} channels")
    return [to_float(value) for value in (values * channels if len(values) == 1 else values)]


def hyperparameters(training: dict) -> Hyperparameters:
    """The hyperparameters from a recipe's exact numbers."""
    exact = ("learning_rate", "momentum", "weight_decay", "label_smoothing", "gradient_clip", "temperature")
    exact = tuple(key for key in exact if key in training)
    plain = {key: value for key, value in training.items() if key not in exact}
    schedule = {**training["schedule"], **{key: to_float(training["schedule"][key]) for key in ("warmup", "factor")}}
    numbers = {key: None if training[key] is None else to_float(training[key]) for key in exact}
    return Hyperparameters(**{**plain, **numbers, "schedule": schedule})


def train(trainer: ResumableTrainer, label: str, scratch: Path) -> None:
    """Train to the end with a checkpoint per minute in `scratch`, and from the last one after an interruption."""
    path = scratch / "checkpoint.pt"
    if path.exists():
        trainer.restore(torch.load(path, map_location="cpu", weights_only=True))
        done = trainer.progress
        print(f"continuing {label} at epoch {done.epoch + 1}, step {done.step}", flush=True)
    epochs, per_epoch = trainer.epochs, trainer.steps_per_epoch
    left = (epochs - trainer.progress.epoch) * per_epoch - trainer.progress.step
    saved, epoch = time.monotonic(), trainer.progress.epoch
    for state in progress(trainer.steps(), total=left, text=label, unit="step"):
        if state.epoch != epoch:
            epoch, last = state.epoch, state.history[-1]
            measured = {k.replace("_", " "): v for k, v in last.items() if k != "epoch" and not math.isnan(v)}
            figures = ", ".join(f"{k} {v:.4f}" for k, v in measured.items())
            print(f"epoch {epoch}/{epochs}: {figures}", flush=True)
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            save_checkpoint(trainer, path)
            saved = time.monotonic()


def save_checkpoint(trainer: ResumableTrainer, path: Path) -> None:
    """Write the trainer's state; an interruption leaves the last complete one."""
    with atomically(path) as temporary:
        torch.save(trainer.state(), temporary)


def finish(trainer: Trainer, test: LabelledTensors, out: Path, description: dict) -> dict:
    """Write the payload, measure both checkpoints on the test set, and return the model's metrics."""
    history = trainer.progress.history
    with (out / "history.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, history[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
    metrics: dict = {"best_epoch": trainer.progress.best_epoch, "validation_accuracy": trainer.progress.best_accuracy}
    weights = {"last": copy.deepcopy(trainer.model.state_dict()), "best": trainer.progress.best_weights}
    for name, state in weights.items():
        trainer.model.load_state_dict(state)
        classifier = without_norms(trainer.model)
        save_weights(classifier, out / f"{name}.safetensors")
        loss, accuracy = evaluate(classifier, test)
        metrics[name] = {"test_loss": loss, "test_accuracy": accuracy}
    return {**metrics, **model_metrics(classifier, test), "description": description}


def save_weights(classifier: nn.Module, path: Path) -> None:
    """Write the classifier's weights as safetensors, which cannot contain code."""
    save_file({k: v.detach().cpu().contiguous() for k, v in classifier.state_dict().items()}, path)
