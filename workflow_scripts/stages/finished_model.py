"""A finished classifier that somebody else trained, measured as it is."""

from __future__ import annotations

from safetensors.torch import load_file

from workflow_scripts.job import Job
from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.models.finished import load_finished
from workflow_scripts.training.loop import evaluate
from workflow_scripts.training.session import describe, facts, load_part, save_weights


def realise(job: Job) -> dict:
    """Write best.safetensors, as a training's stage does, and measure it on the test images."""
    dataset = job.one(name="dataset")
    test = load_part(dataset, "test", job.device)
    description = describe(job.parameters, dataset)
    classifier = build_classifier(description)
    load_finished(classifier, load_file(job.one(name="weights").file("weights.safetensors")))
    classifier.to(job.device).eval()
    save_weights(classifier, job.out / "best.safetensors")
    loss, accuracy = evaluate(classifier, test)
    best = {"test_loss": loss, "test_accuracy": accuracy}
    return {"best": best, **facts(classifier, test), "description": description}
