"""The classifier that a recipe's analysis or attack looks at, loaded from its model artifact."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.models.classifier import Classifier, load_classifier
from workflow_scripts.store.artifact import Artifact


def load_victim(job: Inputs, *, role: str = "model", checkpoint: str | None = None) -> Classifier:
    """The classifier of the input named `role`, in evaluation mode with frozen parameters, on the job's device.

    job: a stage's job; inputs without a device (those of a table or figure) are loaded on the processor.
    checkpoint: "best" or "last"; by default what the recipe's parameters say.
    """
    artifact = job.one(name=role)
    return load_checkpoint(artifact, checkpoint or job.parameters["checkpoint"], getattr(job, "device", "cpu"))


def load_checkpoint(model: Artifact, checkpoint: str, device: str = "cpu") -> Classifier:
    """The "best" or "last" weights of a model artifact as a classifier in evaluation mode with frozen parameters."""
    return load_classifier(model.metrics["description"], model.file(f"{checkpoint}.safetensors"), device)
