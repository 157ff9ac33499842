"""Figure 1: original images above the adversarial versions that each attack made of them."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.splits import select
from workflow_scripts.rendering.figures.adversarial_images import adversarial_images


def figure(inputs: Inputs):
    """Images on which as many attacks as possible succeeded, from different classes first."""
    dataset = inputs.one(name="dataset")
    sets = {item.role["attack"]: item.artifact for item in inputs.all(name="adversarial_set")}
    columns = {attack: read_columns(adversarial_set.file(FILE)) for attack, adversarial_set in sets.items()}
    first = next(iter(sets.values())).parameters["images"]
    chosen = select(dataset.file(first["split"]), first["count"], first["selection_seed"])
    rows = most_successes(columns, chosen.labels, inputs.parameters["columns"])
    names = dataset.metrics["class_names"]
    before = next(iter(columns.values()))["predicted_before"]
    originals = chosen.images[rows].astype(np.float32) / 255
    adversarial = {attack: read_images(each.file(FILE), np.sort(rows)) for attack, each in sets.items()}
    classes = {attack: [names[c] for c in columns[attack]["predicted_after"][rows]] for attack in sets}
    return adversarial_images(originals, adversarial, [names[c] for c in before[rows]], classes)


def most_successes(columns: dict[str, dict[str, np.ndarray]], labels: np.ndarray, count: int) -> np.ndarray:
    """Ascending positions of `count` images: those with the most successful attacks first, then by class in turn."""
    successes = sum(c["success"].astype(int) for c in columns.values())
    turn = np.zeros(len(labels), int)
    for group in set(zip(successes.tolist(), labels.tolist(), strict=True)):
        rows = np.flatnonzero((successes == group[0]) & (labels == group[1]))
        turn[rows] = np.arange(len(rows))  # the first of its class, the second, …
    order = np.lexsort((np.arange(len(labels)), turn, -successes))
    return np.sort(order[:count])
