"""A classifier trained from published weights instead of its architecture's initialisation."""

from __future__ import annotations

from safetensors.torch import load_file

from workflow_scripts.inputs.splits import load_splits
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.training import describe, finish, hyperparameters, train
from workflow_scripts.models.classifier import architecture
from workflow_scripts.models.pretrained import MisfitError
from workflow_scripts.training.loop import Trainer
from workflow_scripts.training.start import fresh_classifier


def realise(job: Job) -> dict:
    """Train as any model is trained; the last layer is initialised anew where the number of classes differs."""
    dataset = job.one(name="dataset")
    parts = load_splits(dataset, job.device)
    description, hyper = describe(job.parameters, dataset), hyperparameters(job.parameters["training"])
    classifier = fresh_classifier(description, parts["train"].x, job.parameters["seed"], hyper)
    state = load_file(job.one(name="weights").file("weights.safetensors"))
    try:
        classifier.network.load_published(state, architecture(description["architecture"]).HEAD)
    except ValueError as error:
        raise MisfitError(f"{error}: correct pretrained_weights, or the model's width and parameters") from error
    trainer = Trainer(classifier, hyper, parts["train"], parts["validation"], job.parameters["seed"])
    train(trainer, job.label, job.scratch)
    return finish(trainer, parts["test"], job.out, description)
