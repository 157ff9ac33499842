"""A distilled model: trained on another model's probabilities (information_flow paper, Q4; Papernot et al. 2016)."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.splits import load_splits
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.jobs.training import describe, finish, hyperparameters, train
from workflow_scripts.models.classifier import Classifier
from workflow_scripts.recipes.atomic_files import atomically
from workflow_scripts.training.loop import Trainer
from workflow_scripts.training.objective import SoftLabels
from workflow_scripts.training.start import fresh_classifier

BATCH = 500


def realise(job: Job) -> dict:
    """The labels are the teacher's probabilities of each training image at the training's temperature."""
    dataset = job.one(name="dataset")
    parts = load_splits(dataset, job.device)
    hyper = hyperparameters(job.parameters["training"])
    kept = job.scratch / "labels.npy"
    if not kept.exists():
        teacher = load_victim(job, role="teacher", checkpoint=job.parameters["teacher_checkpoint"])
        keep(probabilities(teacher, parts["train"].x, hyper.temperature, job.label), kept)
    labels = SoftLabels(torch.from_numpy(np.load(kept)).to(job.device), hyper.temperature, hyper.precision)
    description = describe(job.parameters, dataset)
    classifier = fresh_classifier(description, parts["train"].x, job.parameters["seed"], hyper)
    trainer = Trainer(classifier, hyper, parts["train"], parts["validation"], job.parameters["seed"], objective=labels)
    train(trainer, job.label, job.scratch)
    return finish(trainer, parts["test"], job.out, description)


def keep(labels: Tensor, path: Path) -> None:
    """Write the labels, which a resumed training reads again."""
    with atomically(path) as temporary:
        np.save(temporary, labels.cpu().numpy())


@torch.no_grad()
def probabilities(teacher: Classifier, images: Tensor, temperature: float, label: str) -> Tensor:
    """softmax(logits / temperature) (N, classes) of uint8 images (N, C, H, W), without augmentation."""
    batches = progress(images.split(BATCH), text=f"{label}, the teacher's labels", unit=f"x {BATCH} images")
    return torch.cat([(teacher(to_unit_range(batch)) / temperature).softmax(1) for batch in batches])
