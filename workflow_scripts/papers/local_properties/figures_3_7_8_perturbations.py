"""Figures 3, 7 and 8: perturbations by PGD and FGSM in the pixel domain, against both models.

The recipe says which attack and outcome: Figures 3 (PGD) and 7 (FGSM) show images on which the attacks on both models
succeeded, Figure 8 images on which PGD on the robust model failed.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.pairs import Pairs, read_pairs
from workflow_scripts.rendering.figures.perturbations import AttackedImages, nothing_to_show, perturbations

MODEL_TITLES = {"robust": "robust model", "standard": "standard model"}
OUTCOMES = {"success": "both models deceived", "failure": "the robust model not deceived"}


def figure(inputs: Inputs):
    """Natural image, adversarial example and perturbation against the robust, then against the standard model."""
    dataset = inputs.one(name="dataset")
    pairs = {
        model: read_pairs(inputs.one(name="adversarial_set", victim=model), dataset, ("predicted_after",))
        for model in MODEL_TITLES
    }
    outcome = inputs.parameters["outcome"]
    rows = chosen_rows(pairs, outcome, inputs.parameters["columns"])
    if not len(rows):
        return nothing_to_show(
            f"No image that both models classify correctly was attacked with this outcome: {OUTCOMES[outcome]}."
        )
    names = dataset.metrics["class_names"]
    natural = pairs["robust"].natural(rows)
    attacked = {
        MODEL_TITLES[model]: AttackedImages(
            each.adversarial(rows),
            [names[prediction] for prediction in each.columns["predicted_after"][rows]],
            each.columns["success"][rows].tolist(),
        )
        for model, each in pairs.items()
    }
    bound = max(float(np.abs(each.x_adv - natural).max()) for each in attacked.values())
    return perturbations(natural, [names[y] for y in pairs["robust"].columns["label"][rows]], attacked, bound)


def chosen_rows(pairs: dict[str, Pairs], outcome: str, count: int) -> NDArray:
    """Ascending positions of at most `count` images that both models classify correctly, different classes first.

    outcome: "success" for images on which both attacks succeeded, "failure" for those on which the attack on the robust
    model failed.
    """
    robust, standard = pairs["robust"].columns, pairs["standard"].columns
    right = np.all([columns["predicted_before"] == columns["label"] for columns in (robust, standard)], axis=0)
    wanted = robust["success"] & standard["success"] if outcome == "success" else ~robust["success"]
    candidates = np.flatnonzero(right & wanted)
    labels = robust["label"][candidates]
    repeats = np.array(
        [np.count_nonzero(labels[:position] == label) for position, label in enumerate(labels)], dtype=int
    )
    return np.sort(candidates[np.argsort(repeats, kind="stable")[:count]])
