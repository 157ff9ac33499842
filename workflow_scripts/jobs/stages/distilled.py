"""A distilled model: trained on another model's probabilities (information_flow paper, Q4; Papernot et al. 2016)."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.jobs.training import describe, finish, hyperparameters, load_parts, train
from workflow_scripts.models.classifier import Classifier, load_classifier
from workflow_scripts.training.loop import Trainer, as_images
from workflow_scripts.training.objective import SoftLabels
from workflow_scripts.training.start import fresh_classifier

BATCH = 500


def realise(job: Job) -> dict:
    """The teacher's probabilities of every training image, at the training's temperature, are the labels."""
    dataset, teacher = job.one(name="dataset"), job.one(name="teacher")
    parts = load_parts(dataset, job.device)
    weights = teacher.file(f"{job.parameters['teacher_checkpoint']}.safetensors")
    hyper = hyperparameters(job.parameters["training"])
    kept = job.scratch / "labels.npy"
    if not kept.exists():
        master = load_classifier(teacher.metrics["description"], weights, job.device)
        keep(probabilities(master, parts["train"].x, hyper.temperature, job.label), kept)
    labels = SoftLabels(torch.from_numpy(np.load(kept)).to(job.device), hyper.temperature)
    description = describe(job.parameters, dataset)
    classifier = fresh_classifier(description, parts["train"].x, job.parameters["seed"], hyper)
    trainer = Trainer(classifier, hyper, parts["train"], parts["validation"], job.parameters["seed"], objective=labels)
    train(trainer, job.label, job.scratch)
    return finish(trainer, parts["test"], job.out, description)


def keep(labels: Tensor, path: Path) -> None:
    """Write the labels for an interrupted training to continue with."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(".new.npy")
    np.save(temporary, labels.cpu().numpy())
    os.replace(temporary, path)


@torch.no_grad()
def probabilities(teacher: Classifier, images: Tensor, temperature: float, label: str) -> Tensor:
    """softmax(logits / temperature) (N, classes) of uint8 images (N, C, H, W), without augmentation."""
    batches = progress(images.split(BATCH), text=f"{label}, the teacher's labels", unit=f"x {BATCH} images")
    return torch.cat([(teacher(as_images(batch)) / temperature).softmax(1) for batch in batches])
