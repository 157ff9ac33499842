"""Paired shifts of the information paths for several numbers of buckets and sizes of maps.

A few successes of each attack are measured beside the clean images that they were made from. sensitivity.npz: buckets
(B,); sides (S,), to which larger maps are pooled, 0 for their own size; attack (M,) and index (M,), the attack that
made each input and its image's number in the split; and iip, oip, iip_expected and oip_expected (M, B, S) float64, the
mean over layers of the adversarial path minus that of the clean image, in nats.
"""

from __future__ import annotations

import numpy as np
import torch

from workflow_scripts.analysis.information.sensitivity import layer_means, paths_by_setting
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.pairs import read_pairs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.measuring import row_batches
from workflow_scripts.models.feature_maps import feature_maps

BATCH = 50
"""Images in memory at once; results do not depend on it."""


def realise(job: Job) -> dict:
    """Measure the pairs of every attack in every setting; return the number of inputs by attack."""
    clean, attacked, columns = load_pairs_of_attacks(job)
    numbers, rows = np.unique(columns["index"], return_inverse=True)
    first = np.array([np.flatnonzero(rows == row)[0] for row in range(len(numbers))], int)
    paths = measure(job, np.concatenate([clean[first], attacked]))
    shifts = {name: values[len(numbers) :] - values[: len(numbers)][rows] for name, values in paths.items()}
    settings = {"buckets": job.parameters["buckets"], "sides": [0, *job.parameters["sides"]]}
    np.savez(job.out / "sensitivity.npz", **settings, **columns, **shifts)
    return {"inputs": {name: int((columns["attack"] == name).sum()) for name in np.unique(columns["attack"]).tolist()}}


def load_pairs_of_attacks(job: Job) -> tuple[np.ndarray, np.ndarray, dict[str, np.ndarray]]:
    """The first successes of all attacks beside their clean images, both (M, C, H, W); columns attack, index."""
    clean, attacked, attacks, indices = [], [], [], []
    for item in job.all(name="images"):
        pairs = read_pairs(item.artifact, job.one(name="dataset"))
        rows = np.flatnonzero(pairs.columns["success"])[: job.parameters["inputs"]]
        clean.append(pairs.natural(rows))
        attacked.append(pairs.adversarial(rows))
        attacks.append(np.full(len(rows), item.role["attack"]))
        indices.append(pairs.columns["index"][rows])
    columns = {"attack": np.concatenate(attacks), "index": np.concatenate(indices)}
    return np.concatenate(clean), np.concatenate(attacked), columns


def measure(job: Job, images: np.ndarray) -> dict[str, np.ndarray]:
    """The paths' means over layers (N, B, S) of images (N, C, H, W), by name."""
    classifier = load_victim(job)
    buckets, sides = job.parameters["buckets"], [None, *job.parameters["sides"]]
    parts: list[dict[str, np.ndarray]] = []
    for rows in row_batches(job, len(images), BATCH, "inputs"):
        x = torch.from_numpy(images[rows]).to(job.device)
        parts.append(layer_means(paths_by_setting(feature_maps(classifier, x)[0], x, buckets, sides)))
    shape = (0, len(buckets), len(sides))
    names = ("iip", "oip", "iip_expected", "oip_expected")
    return {name: np.concatenate([np.empty(shape), *(part[name] for part in parts)]) for name in names}
