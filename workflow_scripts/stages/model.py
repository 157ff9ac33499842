"""A trained classifier: best and last weights, its history, and its accuracy."""

from __future__ import annotations

import copy
import csv
import os
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file

from workflow_scripts.exact import number
from workflow_scripts.job import Job, progress
from workflow_scripts.models.classifier import architecture, build_classifier, count_parameters
from workflow_scripts.models.describe import describe_layers
from workflow_scripts.models.initialise import initialise
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.training.auxiliary_norm import add_norms, without_norms
from workflow_scripts.training.loop import Hyperparameters, Images, Trainer, as_images, evaluate

CHECKPOINT_SECONDS = 60
LSUV_IMAGES = 256


def realise(job: Job) -> dict:
    """Train, and write best.safetensors, last.safetensors and history.csv."""
    dataset = job.one(name="dataset")
    parts = {part: load_part(dataset, part, job.device) for part in ("train", "validation", "test")}
    description = describe(job.parameters, dataset)
    torch.manual_seed(job.parameters["seed"])
    classifier = build_classifier(description)
    spread_out = torch.linspace(0, len(parts["train"]) - 1, LSUV_IMAGES).long()  # sources are often sorted by class
    sample = (as_images(parts["train"].x.cpu()[spread_out]) - classifier.mean) / classifier.std
    initialise(classifier.network, architecture(description["architecture"]).INITIALISATION, sample)
    hyper = hyperparameters(job.parameters["training"])
    if hyper.auxiliary_batch_norm:
        add_norms(classifier.network)
    trainer = Trainer(classifier, hyper, parts["train"], parts["validation"], job.parameters["seed"])
    train(trainer, job)
    return {**finish(trainer, parts["test"], job.out), "description": description}


def load_part(dataset: Artifact, part: str, device: str) -> Images:
    images, labels = (np.load(dataset.file(part) / f"{name}.npy") for name in ("images", "labels"))
    return Images(torch.from_numpy(images).to(device), torch.from_numpy(labels).to(device))


def describe(parameters: dict, dataset: Artifact) -> dict:
    """All that is needed to build this classifier again: what `load_classifier` takes."""
    channels = dataset.metrics["channels"]
    build = {k: v if isinstance(v, int | bool) else number(v) for k, v in parameters["build"].items()}
    return {
        "architecture": parameters["architecture"],
        "in_channels": channels,
        "classes": dataset.metrics["classes"],
        "image_size": dataset.metrics["image_size"],
        "parameters": build,
        **{key: spread(parameters[key], channels, key) for key in ("mean", "std")},
    }


def spread(values: list[str], channels: int, key: str) -> list[float]:
    if len(values) not in (1, channels):
        raise ValueError(f"datasets.<name>.{key} has {len(values)} numbers for {channels} channels")
    return [number(value) for value in (values * channels if len(values) == 1 else values)]


def hyperparameters(training: dict) -> Hyperparameters:
    """The loop's numbers from a recipe's exact ones."""
    exact = ("learning_rate", "momentum", "weight_decay", "label_smoothing", "gradient_clip")
    plain = {key: value for key, value in training.items() if key not in exact}
    schedule = {**training["schedule"], **{key: number(training["schedule"][key]) for key in ("warmup", "factor")}}
    numbers = {key: None if training[key] is None else number(training[key]) for key in exact}
    return Hyperparameters(**{**plain, **numbers, "schedule": schedule})


def train(trainer: Trainer, job: Job) -> None:
    """Run to the end, with a checkpoint every minute; an interrupted training continues from the last one."""
    path = job.scratch / "checkpoint.pt"
    if path.exists():
        trainer.restore(torch.load(path, map_location=trainer.device, weights_only=True))
        done = trainer.progress
        print(f"continuing {job.label} at epoch {done.epoch + 1}, step {done.step}", flush=True)
    job.scratch.mkdir(parents=True, exist_ok=True)
    epochs, per_epoch = trainer.hyper.epochs, trainer.steps_per_epoch
    left = (epochs - trainer.progress.epoch) * per_epoch - trainer.progress.step
    saved, epoch = time.monotonic(), trainer.progress.epoch
    for state in progress(trainer.steps(), total=left, text=job.label, unit="step"):
        if state.epoch != epoch:
            epoch, last = state.epoch, state.history[-1]
            figures = ", ".join(f"{k.replace('_', ' ')} {v:.4f}" for k, v in last.items() if k != "epoch")
            print(f"epoch {epoch}/{epochs}: {figures}", flush=True)
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            save_checkpoint(trainer, path)
            saved = time.monotonic()


def save_checkpoint(trainer: Trainer, path: Path) -> None:
    temporary = path.with_suffix(".new")
    torch.save(trainer.state(), temporary)
    os.replace(temporary, path)


def finish(trainer: Trainer, test: Images, out: Path) -> dict:
    """Write the payload and measure both checkpoints on the test set."""
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
        save_file(
            {k: v.detach().cpu().contiguous() for k, v in classifier.state_dict().items()}, out / f"{name}.safetensors"
        )
        loss, accuracy = evaluate(classifier, test)
        metrics[name] = {"test_loss": loss, "test_accuracy": accuracy}
    metrics["parameters"] = count_parameters(classifier.network)
    metrics["parameters_with_running_statistics"] = count_parameters(classifier.network, running_statistics=True)
    metrics["test_images"] = len(test)
    metrics["layers"] = describe_layers(classifier, test.x[:2])
    return metrics
