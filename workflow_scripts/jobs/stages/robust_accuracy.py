"""What is left of a victim's accuracy under every attack, measured again from the images after each quantisation."""

from __future__ import annotations

import csv
from collections import defaultdict

import numpy as np
import torch
from torch import Tensor

from workflow_scripts.attacks.distances import distances
from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import Classifier, load_classifier
from workflow_scripts.store.artifact import Artifact

BATCH = 200
MEANS = ("l0", "l2", "linf")
FIELDS = ("class", "configuration", "quantisation", "images", "attacked", "successes", "right", *MEANS)


def realise(job: Job) -> dict:
    """Write robust_accuracy.csv, a row a configuration and quantisation: counts, and mean distances of the successes."""
    model, dataset = job.one(name="model"), job.one(name="dataset")
    weights = model.file(f"{job.parameters['checkpoint']}.safetensors")
    victim = load_classifier(model.metrics["description"], weights, job.device)
    images = np.load(dataset.file("test") / "images.npy", mmap_mode="r")
    sums: dict[tuple, dict] = defaultdict(lambda: dict.fromkeys(FIELDS[3:], 0))
    for item in progress(job.all(name="shard"), text=job.label, unit="part"):
        for method in job.parameters["quantisations"]:
            counted = sums[item.role["class"], item.role["configuration"], method]
            for name, value in measure(item.artifact, images, victim, method, job.device).items():
                counted[name] += value
    rows = []
    for (attack, configuration, method), counted in sums.items():
        means = {name: counted[name] / counted["successes"] if counted["successes"] else None for name in MEANS}
        rows.append({"class": attack, "configuration": configuration, "quantisation": method, **counted, **means})
    with (job.out / "robust_accuracy.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, FIELDS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return {"sets": rows}


@torch.no_grad()
def measure(part: Artifact, images: np.ndarray, victim: Classifier, method: str, device: str) -> dict[str, float]:
    """A part's counts and its successes' summed distances, a batch of images in memory at a time.

    `right` counts every image that the victim gets right, also among those that it got wrong before and that no
    attack changed (none of them); `successes` those that the attack turned.
    """
    columns = read_columns(part.file(FILE), ("index", "label", "skipped"))
    counted: dict[str, float] = defaultdict(float)
    for start in range(0, len(columns["index"]), BATCH):
        rows = slice(start, start + BATCH)
        stored = quantise(torch.from_numpy(read_images(part.file(FILE), rows)), method)
        x_adv = (stored.float().div(255) if stored.dtype == torch.uint8 else stored).to(device)
        x = torch.from_numpy(images[columns["index"][rows]].astype(np.float32) / 255).to(device)
        label = torch.from_numpy(columns["label"][rows]).to(device)
        attacked = torch.from_numpy(~columns["skipped"][rows]).to(device)
        right: Tensor = victim(x_adv).argmax(1) == label
        success = attacked & ~right
        counted["images"] += len(label)
        counted["attacked"] += int(attacked.sum())
        counted["right"] += int(right.sum())
        counted["successes"] += int(success.sum())
        for name, values in distances(x, x_adv).items():
            if name in MEANS:
                counted[name] += float(values[success].double().sum())
    whole = {name: int(value) for name, value in counted.items() if name not in MEANS}
    return {**counted, **whole}
