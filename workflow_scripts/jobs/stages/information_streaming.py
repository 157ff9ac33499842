"""Information paths measured while a classifier runs: neither feature maps nor matrices are stored.

paths.npz: layers (K,); iip, oip (N, K) float64, the information paths in nats; iip_expected, oip_expected (N, K), what
of them is expected by chance; predicted (N,), the classifier's predictions; and the inputs' columns: index, label, for
attacked images skipped and success, and target, the model that the image was made against, where several sets are
measured.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from workflow_scripts.analysis.information.streaming import stream_information_paths
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.images import load_inputs, load_set
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.measuring import per_second, row_batches
from workflow_scripts.models.feature_maps import feature_maps

BATCH = 50
"""Inputs in memory at once; results do not depend on it."""


def realise(job: Job) -> dict:
    """Measure every input; return the number of inputs, the layers, the speed and where the time went."""
    classifier = load_victim(job)
    images, columns = load_all(job)
    predictions: list[np.ndarray] = []
    forward_seconds = 0.0

    def batches():
        nonlocal forward_seconds
        for rows in row_batches(job, len(images), BATCH, "inputs"):
            begun = time.monotonic()
            x = torch.from_numpy(images[rows]).to(job.device)
            maps, logits = feature_maps(classifier, x)
            predictions.append(logits.argmax(1).cpu().numpy())
            forward_seconds += time.monotonic() - begun
            yield maps, x

    started = time.monotonic()
    paths = stream_information_paths(batches(), job.parameters["buckets"])
    seconds, speed = time.monotonic() - started, per_second(len(images), started)
    layers = paths.plug_in.layers
    measured = {"layers": np.array(layers), **paths.arrays()}
    np.savez(job.out / "paths.npz", **measured, **columns, predicted=np.concatenate(predictions))
    return {
        "inputs": len(images),
        "layers": list(layers),
        "inputs_per_second": speed,
        "forward_seconds": round(forward_seconds, 2),
        "information_seconds": round(seconds - forward_seconds, 2),
    }


def load_all(job: Job) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The inputs of all sets, one after the other, and their columns; with several sets, `target` names each one's."""
    sets = job.all(name="images")
    if len(sets) < 2:
        return load_inputs(job)
    parts = [(item.role["target"], *load_set(item.artifact)) for item in sets]
    columns = {name: np.concatenate([part[2][name] for part in parts]) for name in parts[0][2]}
    columns["target"] = np.concatenate([np.full(len(images), target) for target, images, _ in parts])
    return np.concatenate([images for _, images, _ in parts]), columns
