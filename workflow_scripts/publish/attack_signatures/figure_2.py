"""Figure 2: adversarial samples of every attack, and their perturbations."""

from __future__ import annotations

import numpy as np
import torch

from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.attacks.records import FILE, read_columns, read_images
from workflow_scripts.job import Job
from workflow_scripts.publish.figures.picture_rows import around_grey, picture_rows

REACH = 0.45
"""How far from mid-grey the strongest value of a perturbation is drawn."""
SPREAD = 99.5
"""Percentile of a perturbation that is drawn that far: a single outlier must not darken the rest."""


def figure(job: Job):
    """For every attack the first image that most attacks turned; each perturbation by a factor of its own."""
    parts = {item.role["class"]: item.artifact for item in job.inputs if item.role["name"] == "part"}
    columns = {name: read_columns(made.file(FILE), ("index", "success")) for name, made in parts.items()}
    turned = sum(c["success"].astype(int) for c in columns.values())
    clean = np.load(job.one(name="dataset").file("test") / "images.npy", mmap_mode="r")
    order = np.argsort(-turned, kind="stable")
    images, perturbations, titles = [], [], []
    for place, (name, made) in enumerate(parts.items()):
        # Another image for every attack, as the paper shows them, among those that it turned.
        own = [row for row in order if columns[name]["success"][row]] or [int(order[0])]
        row = int(own[place % len(own)])
        x_adv = seen(made, row, job.parameters["quantisation"])
        difference = x_adv - clean[columns[name]["index"][row]].astype(np.float32) / 255
        strongest = np.percentile(np.abs(difference[difference != 0]), SPREAD) if difference.any() else 1.0
        factor = float(max(1, np.floor(REACH / strongest)))
        images.append(x_adv)
        perturbations.append(around_grey(difference, factor))
        titles.append(f"{name}\n(× {factor:.0f})")
    return picture_rows({"adversarial": images, "perturbation": perturbations}, [named(title) for title in titles])


def named(title: str) -> str:
    """The class's display name above its factor."""
    from workflow_scripts.publish import display_name

    name, _, factor = title.partition("\n")
    return f"{display_name(name)}\n{factor}"


def seen(made, row: int, quantisation: str) -> np.ndarray:
    """One attacked image (C, H, W) after the quantisation."""
    stored = quantise(torch.from_numpy(read_images(made.file(FILE), np.array([row]))), quantisation)
    return (stored.float().div(255) if stored.dtype == torch.uint8 else stored).numpy()[0]
