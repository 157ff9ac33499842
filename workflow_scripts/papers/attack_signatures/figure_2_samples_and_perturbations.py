"""Figure 2: adversarial samples of every attack, and their perturbations."""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch

from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.image_grid import around_grey, image_grid
from workflow_scripts.rendering.names import display_name
from workflow_scripts.store.artifact import Artifact

DRAWN_RANGE = 0.45
"""Distance from mid-grey at which the strongest value of a perturbation is drawn."""
PERCENTILE = 99.5
"""Percentile of a perturbation that counts as its strongest value, so that single outliers do not darken the rest."""


def figure(inputs: Inputs):
    """One image per attack, misclassified only after it and after most others; perturbations are magnified."""
    shards: dict[str, list[Artifact]] = {}
    for item in sorted(inputs.all(name="shard"), key=lambda item: item.role["start"]):
        shards.setdefault(item.role["class"], []).append(item.artifact)
    with np.load(inputs.one(name="saliency").file("samples.npz")) as content:
        misclassified = {name: content[f"{name}_index"].tolist() for name in shards}
    attack_counts = Counter(index for indices in misclassified.values() for index in indices)
    clean = np.load(inputs.one(name="dataset").file("test") / "images.npy", mmap_mode="r")
    images, perturbations, titles = [], [], []
    for position, (name, class_shards) in enumerate(shards.items()):
        # As in the paper, a different image for every attack.
        candidates = sorted(misclassified[name], key=lambda index: (-attack_counts[index], index))
        wanted = candidates[position % len(candidates)] if candidates else None
        index, x_adv = quantised_image(class_shards, wanted, inputs.parameters["quantisation"])
        difference = x_adv - clean[index].astype(np.float32) / 255
        strongest = np.percentile(np.abs(difference[difference != 0]), PERCENTILE) if difference.any() else 1.0
        factor = float(max(1, np.floor(DRAWN_RANGE / strongest)))
        images.append(x_adv)
        perturbations.append(around_grey(difference, factor))
        titles.append(f"{display_name(name)}\n(× {factor:.0f})")
    return image_grid({"adversarial": images, "perturbation": perturbations}, titles)


def quantised_image(shards: list[Artifact], wanted: int | None, quantisation: str) -> tuple[int, np.ndarray]:
    """The number of an attacked image in its split, and its adversarial version after the quantisation (C, H, W).

    wanted: the image's number; None for the first image that was attacked.
    """
    for shard in shards:
        columns = read_columns(shard.file(FILE), ("index", "skipped"))
        rows = np.flatnonzero(~columns["skipped"] if wanted is None else columns["index"] == wanted)
        if len(rows):
            break
    row = rows[:1] if len(rows) else np.zeros(1, int)
    quantised = quantise(torch.from_numpy(read_images(shard.file(FILE), row)), quantisation)
    x_adv = (quantised.float().div(255) if quantised.dtype == torch.uint8 else quantised).numpy()[0]
    return int(columns["index"][row[0]]), x_adv
