"""Training steps of the workflow's own loop, by architecture and precision."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import torch

from tests.benchmarks.gpu.measuring import BFLOAT16, FLOAT32, Case, Work, operations_of, random_images
from workflow_scripts.models.classifier import Classifier, architecture
from workflow_scripts.training.evaluation import LabelledTensors
from workflow_scripts.training.loop import Hyperparameters, Trainer
from workflow_scripts.training.objective import CrossEntropy, Objective

ARCHITECTURES = ("resnet18", "good_init", "deep_conv", "vgg_like")


def classifier_of(name: str, small: bool = False) -> Classifier:
    """An untrained network of `name` for 3 × 32 × 32 images and ten classes; `small`: at an eighth of its width."""
    torch.manual_seed(0)
    width = 1 / 8 if small else 1.0
    network = architecture(name).build(in_channels=3, classes=10, image_size=32, width=width)
    return Classifier(network, [0.5] * 3, [0.25] * 3)


def trainer_of(classifier: Classifier, objective: Objective, batch: int, device: str) -> Trainer:
    """A training on random images whose epoch no benchmark reaches the end of."""
    labels = torch.arange(50 * batch) % 10
    data = LabelledTensors(random_images(50 * batch, device), labels.to(device))
    schedule = {"name": "cosine", "warmup": 0.2, "factor": 0.1}
    hyper = Hyperparameters(1000, batch, 0.05, schedule, flip=True, shift=4)
    return Trainer(classifier, hyper, data, LabelledTensors(data.x[:batch], data.y[:batch]), 0, objective)


def work_of(training: Trainer, batch: int) -> Work:
    """Training steps, one at a time; the operations are counted in the first."""
    steps: Iterator = training.steps()
    next(steps)
    operations = operations_of(lambda: next(steps)) / batch
    return Work(lambda: next(steps), batch, operations)


def prepare(device: str, name: str, precision: str, batch: int, small: bool) -> Work:
    return work_of(trainer_of(classifier_of(name, small), CrossEntropy(precision=precision), batch, device), batch)


def cases(small: bool) -> list[Case]:
    """Every architecture in bfloat16, then in float32, at the usual batch of 128 and, in bfloat16, at 512."""
    batches = {BFLOAT16: (16,) if small else (128, 512), FLOAT32: (16,) if small else (128,)}
    return [
        Case("training", f"{name}, {precision}, batch {batch}",
             partial(prepare, name=name, precision=precision, batch=batch, small=small), precision)
        for precision in (BFLOAT16, FLOAT32)
        for name in ARCHITECTURES
        for batch in batches[precision]
    ]  # fmt: skip
