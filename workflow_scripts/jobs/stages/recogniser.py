"""A trained recogniser of attacks: REDRL, one of its ablations, or a baseline.

pipeline.safetensors: the weights of G (if there is one) and Ψ after the last step. history.csv: a row per epoch with
the means of the losses (not weighted), their weighted total and the training accuracy.
"""

from __future__ import annotations

import csv

import torch
from safetensors.torch import save_file

from workflow_scripts.analysis.recognition.perception import OWN, VGG16
from workflow_scripts.analysis.recognition.training import RecogniserTrainer
from workflow_scripts.inputs.recognisers import (
    build_pipeline,
    bytes_in_memory,
    load_loss_networks,
    load_sets,
    load_victims,
    training_hyperparameters,
)
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.training import train
from workflow_scripts.models.classifier import count_parameters


def realise(job: Job) -> dict:
    """Train on the attacked training images; return sizes, the feature extractor and the last epoch's means."""
    victims, sets = load_victims(job, job.device), load_sets(job, "train")
    torch.manual_seed(job.parameters["seed"])
    pipeline = build_pipeline(job.parameters, sets.images.shape[1]).to(job.device)
    networks = load_loss_networks(job, victims, job.device)
    hyper = training_hyperparameters(job.parameters)
    trainer = RecogniserTrainer(pipeline, hyper, sets, networks, job.parameters["seed"])
    train(trainer, job.label, job.scratch)
    history = trainer.progress.history
    with (job.out / "history.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, history[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
    state = {name: weight.detach().cpu().contiguous() for name, weight in pipeline.state_dict().items()}
    save_file(state, job.out / "pipeline.safetensors")
    has_feature_loss = pipeline.reconstructor is not None and hyper.weights.features
    own_features = has_feature_loss and networks.perceptual is None
    return {
        "parameters": count_parameters(pipeline),
        "images": sum(len(group.usable) for group in sets.groups),
        "held_mb": round(bytes_in_memory(sets) / 2**20, 1),
        "perception": (OWN if own_features else VGG16) if has_feature_loss else None,
        "victims_layers": [victim.layer for victim in networks.victims] if own_features else [],
        **{f"last_{name}": value for name, value in history[-1].items() if name != "epoch"},
    }
