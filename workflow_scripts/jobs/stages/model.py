"""A trained classifier: best.safetensors, last.safetensors (by validation accuracy) and history.csv."""

from __future__ import annotations

from workflow_scripts.inputs.splits import load_splits
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.training import describe, finish, hyperparameters, train
from workflow_scripts.training.loop import Trainer
from workflow_scripts.training.start import fresh_classifier


def realise(job: Job) -> dict:
    """Train from the architecture's own initialisation."""
    dataset = job.one(name="dataset")
    parts = load_splits(dataset, job.device)
    description, hyper = describe(job.parameters, dataset), hyperparameters(job.parameters["training"])
    classifier = fresh_classifier(description, parts["train"].x, job.parameters["seed"], hyper)
    trainer = Trainer(classifier, hyper, parts["train"], parts["validation"], job.parameters["seed"])
    train(trainer, job.label, job.scratch)
    return finish(trainer, parts["test"], job.out, description)
