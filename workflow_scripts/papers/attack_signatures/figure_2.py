"""Figure 2: adversarial samples of every attack, and their perturbations."""

from __future__ import annotations

from collections import Counter

import numpy as np
import torch

from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.picture_rows import around_grey, picture_rows
from workflow_scripts.store.artifact import Artifact

REACH = 0.45
"""How far from mid-grey the strongest value of a perturbation is drawn."""
SPREAD = 99.5
"""Percentile of a perturbation that is drawn that far: a single outlier must not darken the rest."""


def figure(inputs: Inputs):
    """For every attack an image of its own that most attacks turned; each perturbation by a factor of its own."""
    parts: dict[str, list[Artifact]] = {}
    for item in sorted(inputs.all(name="shard"), key=lambda item: item.role["start"]):
        parts.setdefault(item.role["class"], []).append(item.artifact)
    with np.load(inputs.one(measured="saliency").file("samples.npz")) as content:
        turned = {name: content[f"{name}_index"].tolist() for name in parts}
    times = Counter(index for indices in turned.values() for index in indices)
    clean = np.load(inputs.one(name="dataset").file("test") / "images.npy", mmap_mode="r")
    images, perturbations, titles = [], [], []
    for place, (name, made) in enumerate(parts.items()):
        # Another image for every attack, as the paper shows them, among those that it turned.
        own = sorted(turned[name], key=lambda index: (-times[index], index))
        index, x_adv = seen(made, own[place % len(own)] if own else None, inputs.parameters["quantisation"])
        difference = x_adv - clean[index].astype(np.float32) / 255
        strongest = np.percentile(np.abs(difference[difference != 0]), SPREAD) if difference.any() else 1.0
        factor = float(max(1, np.floor(REACH / strongest)))
        images.append(x_adv)
        perturbations.append(around_grey(difference, factor))
        titles.append(f"{name}\n(× {factor:.0f})")
    return picture_rows({"adversarial": images, "perturbation": perturbations}, [named(title) for title in titles])


def named(title: str) -> str:
    """The class's display name above its factor."""
    from workflow_scripts.rendering.names import display_name

    name, _, factor = title.partition("\n")
    return f"{display_name(name)}\n{factor}"


def seen(parts: list[Artifact], wanted: int | None, quantisation: str) -> tuple[int, np.ndarray]:
    """The image `wanted` of the split, or the first that was attacked: its number, and what is left of the attack after
    the quantisation (C, H, W).
    """
    for made in parts:
        columns = read_columns(made.file(FILE), ("index", "skipped"))
        rows = np.flatnonzero(~columns["skipped"] if wanted is None else columns["index"] == wanted)
        if len(rows):
            break
    row = rows[:1] if len(rows) else np.zeros(1, int)
    stored = quantise(torch.from_numpy(read_images(made.file(FILE), row)), quantisation)
    x_adv = (stored.float().div(255) if stored.dtype == torch.uint8 else stored).numpy()[0]
    return int(columns["index"][row[0]]), x_adv
