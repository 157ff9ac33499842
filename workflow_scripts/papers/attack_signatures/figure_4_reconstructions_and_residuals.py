"""Figure 4: adversarial images, their reconstructions, and the residuals."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import attack_classes
from workflow_scripts.rendering.figures.image_grid import around_grey, image_grid
from workflow_scripts.rendering.names import display_name

FACTORS = (8, 4, 2)
"""The paper's magnification of residuals, and smaller ones for residuals that it would drive to black and white."""
MAX_SATURATED = 0.1
"""Largest share of a residual's values that may be clipped to black or white."""
IMAGES = 2
"""Images per attack."""


def figure(inputs: Inputs):
    """One row per attack with two groups of four images; the true perturbation is shown beside the residual."""
    with np.load(inputs.one(name="recogniser_evaluation").file("examples.npz")) as content:
        examples = dict(content)
    attacks = list(attack_classes(inputs))
    residuals = np.concatenate(
        [(examples[f"{name}_adversarial"] - examples[f"{name}_reconstruction"]).ravel() for name in attacks]
    )
    factor = next((f for f in FACTORS if (np.abs(residuals) * f > 0.5).mean() <= MAX_SATURATED), 1)
    rows = {}
    for name in attacks:
        x_adv, clean, reconstruction = (
            examples[f"{name}_{part}"] for part in ("adversarial", "clean", "reconstruction")
        )
        images = []
        for k in range(min(IMAGES, len(x_adv))):
            residual, perturbation = x_adv[k] - reconstruction[k], x_adv[k] - clean[k]
            images += [x_adv[k], reconstruction[k], around_grey(residual, factor), around_grey(perturbation, factor)]
        rows[display_name(name)] = images + [np.ones_like(x_adv[0])] * (4 * IMAGES - len(images))
    columns = ["adversarial\nI_adv", "reconstructed\nG(I_adv)", f"residual\n× {factor}", f"true δ\n× {factor}"]
    return image_grid(rows, columns * IMAGES)
