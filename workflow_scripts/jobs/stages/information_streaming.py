"""Information paths straight from a classifier: nothing but the paths is kept, so any number of inputs fits."""

from __future__ import annotations

import time

import numpy as np
import torch

from workflow_scripts.analysis.information.recording import record_paths
from workflow_scripts.inputs.images import load_inputs, load_set
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import load_classifier
from workflow_scripts.models.feature_maps import feature_maps

BATCH = 50
"""Inputs at once: what bounds the memory, and nothing else."""


def realise(job: Job) -> dict:
    """Write paths.npz: iip, oip (N, K) in nats, and the inputs' columns with the classifier's predictions."""
    model = job.one(name="model")
    weights = model.file(f"{job.parameters['checkpoint']}.safetensors")
    classifier = load_classifier(model.metrics["description"], weights, job.device)
    images, columns = load_all(job)
    predictions: list[np.ndarray] = []
    spent = {"forward": 0.0}

    def batches():
        for start in progress(range(0, len(images), BATCH), text=job.label, unit=f"x {BATCH} inputs"):
            begun = time.monotonic()
            x = torch.from_numpy(images[start : start + BATCH]).to(job.device)
            maps, logits = feature_maps(classifier, x)
            predictions.append(logits.argmax(1).cpu().numpy())
            spent["forward"] += time.monotonic() - begun
            yield maps, x

    started = time.monotonic()
    paths = record_paths(batches(), len(images), job.parameters["buckets"])
    seconds = time.monotonic() - started
    np.savez(job.out / "paths.npz", **paths, **columns, predicted=np.concatenate(predictions))
    return {
        "inputs": len(images),
        "layers": paths["layers"].tolist(),
        "inputs_per_second": round(len(images) / seconds, 2),
        "forward_seconds": round(spent["forward"], 2),
        "information_seconds": round(seconds - spent["forward"], 2),
    }


def load_all(job: Job) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The inputs of every set, one behind another, and their columns with the model that each was made against."""
    sets = job.all(name="images")
    if len(sets) < 2:
        return load_inputs(job)
    parts = [(item.role["target"], *load_set(item.artifact)) for item in sets]
    columns = {name: np.concatenate([part[2][name] for part in parts]) for name in parts[0][2]}
    columns["target"] = np.concatenate([np.full(len(images), target) for target, images, _ in parts])
    return np.concatenate([images for _, images, _ in parts]), columns
