"""What Figures 3, 7 and 8 share: which images are shown, and their perturbations against both models."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.pairs import Pairs, read_pairs
from workflow_scripts.rendering.figures.perturbations import AttackedImages, nothing_to_show, perturbations

TITLES = {"robust": "robust model", "standard": "standard model"}
WORDS = {"success": "both models fooled", "failure": "the robust model not fooled"}


def perturbation_figure(inputs: Inputs):
    """Images that both models get right and whose attacks ended as `outcome` says, from different classes first."""
    dataset = inputs.one(name="dataset")
    pairs = {model: read_pairs(inputs.one(name="set", victim=model), dataset, ("predicted_after",)) for model in TITLES}
    outcome = inputs.parameters["outcome"]
    rows = chosen_rows(pairs, outcome, inputs.parameters["columns"])
    if not len(rows):
        return nothing_to_show(f"No image that both models get right was attacked with the outcome: {WORDS[outcome]}.")
    names = dataset.metrics["class_names"]
    natural = pairs["robust"].natural(rows)
    attacked = {
        TITLES[model]: AttackedImages(
            found.adversarial(rows),
            [names[answer] for answer in found.columns["predicted_after"][rows]],
            found.columns["success"][rows].tolist(),
        )
        for model, found in pairs.items()
    }
    bound = max(float(np.abs(made.x_adv - natural).max()) for made in attacked.values())
    return perturbations(natural, [names[y] for y in pairs["robust"].columns["label"][rows]], attacked, bound)


def chosen_rows(pairs: dict[str, Pairs], outcome: str, count: int) -> NDArray:
    """Ascending positions of at most `count` images that both attacks started from, from different classes first.

    outcome: "success" asks for images on which both attacks succeeded, "failure" for those on which the attack on the
    robust model failed.
    """
    robust, standard = pairs["robust"].columns, pairs["standard"].columns
    ran = ~robust["skipped"] & ~standard["skipped"]
    wanted = robust["success"] & standard["success"] if outcome == "success" else ~robust["success"]
    candidates = np.flatnonzero(ran & wanted)
    labels = robust["label"][candidates]
    repeats = np.array([np.count_nonzero(labels[:place] == label) for place, label in enumerate(labels)], dtype=int)
    return np.sort(candidates[np.argsort(repeats, kind="stable")[:count]])
