"""Accuracy of a victim under every attack, measured again after each quantisation of the attacked images.

robust_accuracy.csv: a row per class, configuration and quantisation with counts of images: images, all of them;
attacked, those that the victim classified correctly before; successes, the attacked ones that it misclassifies now;
right, those that it classifies correctly now; and l0, l2, linf, the mean distances of the successes, in pixels of [0,
1].
"""

from __future__ import annotations

import csv
from collections import defaultdict
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.attacks.distances import distances
from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.sharded_images import ShardedImages, read_shard_columns
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import Classifier

BATCH = 200
"""Images in memory at once."""
COUNTS = ("images", "attacked", "successes", "right")
MEANS = ("l0", "l2", "linf")
FIELDS = ("class", "configuration", "quantisation", *COUNTS, *MEANS)


def realise(job: Job) -> dict:
    """Measure every shard; return the rows of robust_accuracy.csv as `sets`."""
    victim = load_victim(job)
    images = np.load(job.one(name="dataset").file("test") / "images.npy", mmap_mode="r")
    sums: dict[tuple, dict] = defaultdict(lambda: dict.fromkeys((*COUNTS, *MEANS), 0))
    for item in progress(job.all(name="shard"), text=job.label, unit="shard"):
        for method in job.parameters["quantisations"]:
            totals = sums[item.role["class"], item.role["configuration"], method]
            for name, value in measure(item.artifact.file(FILE), images, victim, method, job.device).items():
                totals[name] += value
    rows = []
    for (attack, configuration, method), totals in sums.items():
        means = {name: totals[name] / totals["successes"] if totals["successes"] else None for name in MEANS}
        rows.append({"class": attack, "configuration": configuration, "quantisation": method, **totals, **means})
    with (job.out / "robust_accuracy.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return {"sets": rows}


@torch.no_grad()
def measure(shard: Path, images: np.ndarray, victim: Classifier, method: str, device: str) -> dict[str, float]:
    """The counts of one shard and the sums of its successes' distances.

    images: the split's clean images, uint8 (N, C, H, W); method: the quantisation.
    """
    columns, x_adv_rows = read_shard_columns([shard], ("index", "label", "skipped")), ShardedImages([shard], method)
    totals: dict[str, float] = dict.fromkeys(COUNTS, 0) | dict.fromkeys(MEANS, 0.0)
    for start in range(0, len(x_adv_rows), BATCH):
        rows = np.arange(start, min(start + BATCH, len(x_adv_rows)))
        x_adv = torch.from_numpy(x_adv_rows[rows]).to(device)
        x = torch.from_numpy(to_unit_range(images[columns["index"][rows]])).to(device)
        label = torch.from_numpy(columns["label"][rows]).to(device)
        attacked = torch.from_numpy(~columns["skipped"][rows]).to(device)
        right: Tensor = victim(x_adv).argmax(1) == label
        success = attacked & ~right
        for name, chosen in zip(COUNTS, (torch.ones_like(right), attacked, success, right), strict=True):
            totals[name] += int(chosen.sum())
        for name, values in distances(x, x_adv).items():
            if name in MEANS:
                totals[name] += float(values[success].double().sum())
    x_adv_rows.close()
    return totals
