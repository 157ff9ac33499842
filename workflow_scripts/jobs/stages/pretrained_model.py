"""A classifier that was trained elsewhere, measured as it is."""

from __future__ import annotations

from safetensors.torch import load_file

from workflow_scripts.inputs.splits import load_split
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.training import describe, save_weights
from workflow_scripts.models.classifier import build_classifier
from workflow_scripts.models.network_file import NetworkFile, check_archive
from workflow_scripts.models.pretrained import load_pretrained
from workflow_scripts.models.published_weights import ARCHIVE
from workflow_scripts.training.evaluation import evaluate, model_metrics


def realise(job: Job) -> dict:
    """Write best.safetensors, as trainings do, and measure it on the test images."""
    dataset = job.one(name="dataset")
    test = load_split(dataset, "test", job.device)
    description = describe(job.parameters, dataset)
    classifier = build_classifier(description)
    state = load_file(job.one(name="weights").file("weights.safetensors"))
    if isinstance(classifier.network, NetworkFile):
        classifier.network.open(state[ARCHIVE])
        check_archive(classifier, description["in_channels"], description["image_size"])
    else:
        load_pretrained(classifier, state)
    classifier.to(job.device).eval()
    save_weights(classifier, job.out / "best.safetensors")
    loss, accuracy = evaluate(classifier, test)
    best = {"test_loss": loss, "test_accuracy": accuracy}
    return {"best": best, **model_metrics(classifier, test), "description": description}
