"""A trained recogniser of attacks: REDRL, one of its ablations, or a baseline."""

from __future__ import annotations

import csv

import torch
from safetensors.torch import save_file

from workflow_scripts.analysis.recognition.perception import OWN, VGG16
from workflow_scripts.analysis.recognition.training import RecogniserTrainer
from workflow_scripts.inputs.recognisers import hyperparameters, load_sets, load_victims, make_judges, make_pipeline
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.training import train
from workflow_scripts.models.classifier import count_parameters


def realise(job: Job) -> dict:
    """Train on the attacked training images, and write pipeline.safetensors (of the last step) and history.csv."""
    victims, sets = load_victims(job), load_sets(job, "train")
    torch.manual_seed(job.parameters["seed"])
    pipeline = make_pipeline(job.parameters, sets.images.shape[1]).to(job.device)
    judges = make_judges(job, victims)
    trainer = RecogniserTrainer(pipeline, hyperparameters(job.parameters), sets, judges, job.parameters["seed"])
    train(trainer, job.label, job.scratch)
    history = trainer.progress.history
    with (job.out / "history.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, history[0].keys(), lineterminator="\n")
        writer.writeheader()
        writer.writerows(history)
    state = {name: weight.detach().cpu().contiguous() for name, weight in pipeline.state_dict().items()}
    save_file(state, job.out / "pipeline.safetensors")
    judged = pipeline.reconstructor is not None and trainer.hyper.weights.features
    return {
        "parameters": count_parameters(pipeline),
        "images": sum(len(group.usable) for group in sets.groups),
        "held_mb": round(sets.held_bytes / 2**20, 1),
        "perception": (VGG16 if judges.perceptual else OWN) if judged else None,
        "victims_layers": [victim.layer for victim in judges.victims] if judged and not judges.perceptual else [],
        **{f"last_{name}": value for name, value in history[-1].items() if name != "epoch"},
    }
