"""A compressed model: trimmed by the share of zeros and retrained, in rounds (information_flow paper, Q3)."""

from __future__ import annotations

import json
from pathlib import Path

import torch

from workflow_scripts.inputs.splits import load_splits
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.training import finish, hyperparameters, save_weights, train
from workflow_scripts.models.classifier import Classifier, count_parameters, load_classifier
from workflow_scripts.recipes.atomic_files import atomic_write, atomically
from workflow_scripts.recipes.exact_numbers import to_float
from workflow_scripts.training.evaluation import LabelledTensors
from workflow_scripts.training.loop import Trainer
from workflow_scripts.training.trimming import average_zeros, keep_at_most, trimmed, weight_layers


def realise(job: Job) -> dict:
    """Each round ranks neurons on the validation images, trims its share of them and retrains from the kept weights."""
    origin = job.one(name="model")
    parts = load_splits(job.one(name="dataset"), job.device)
    description = origin.metrics["description"]
    weights = origin.file(f"{job.parameters['checkpoint']}.safetensors")
    before = load_classifier(description, weights)
    whole, rounds = count_parameters(before.network), job.parameters["rounds"]
    goal = int(whole * to_float(job.parameters["share"]))
    for turn in range(1, rounds + 1):
        folder = job.scratch / f"round-{turn}"
        limit = whole - (whole - goal) * turn // rounds
        if not (folder / "description.json").exists():
            trim(load_classifier(description, weights, job.device), description, limit, parts["validation"], folder)
        description = json.loads((folder / "description.json").read_text())
        weights = folder / "best.safetensors"
        if turn == rounds or not weights.exists():
            trainer = retrain(job, description, parts, folder)
    metrics = finish(trainer, parts["test"], job.out, description)
    after = neurons(trainer.model)
    return {**metrics, "parameters_before": whole, "neurons_before": neurons(before), "neurons": after}


def trim(classifier: Classifier, description: dict, limit: int, held_out: LabelledTensors, folder: Path) -> None:
    """Write the trimmed weights, then the description, whose presence says that they are complete."""
    zeros = average_zeros(classifier, held_out.x)
    small, smaller = trimmed(classifier.cpu(), description, keep_at_most(limit, zeros, description))
    folder.mkdir(parents=True, exist_ok=True)
    save_weights(small, folder / "trimmed.safetensors")
    atomic_write(folder / "description.json", json.dumps(smaller))


def retrain(job: Job, description: dict, parts: dict[str, LabelledTensors], folder: Path) -> Trainer:
    """Train on from the kept weights; the best ones are left in the round's folder for the next round."""
    classifier = load_classifier(description, folder / "trimmed.safetensors").requires_grad_(True)
    hyper = hyperparameters(job.parameters["training"])
    torch.manual_seed(job.parameters["seed"])
    trainer = Trainer(classifier, hyper, parts["train"], parts["validation"], job.parameters["seed"])
    train(trainer, f"{job.label}, {folder.name}", folder)
    last = {name: value.clone() for name, value in trainer.model.state_dict().items()}
    trainer.model.load_state_dict(trainer.progress.best_weights)
    with atomically(folder / "best.safetensors") as temporary:
        save_weights(trainer.model, temporary)
    trainer.model.load_state_dict(last)
    return trainer


def neurons(classifier: Classifier) -> int:
    """Output channels of the convolutions and outputs of the dense layers, the logits excluded."""
    return sum(len(layer.weight) for layer in weight_layers(classifier.network)[:-1])
