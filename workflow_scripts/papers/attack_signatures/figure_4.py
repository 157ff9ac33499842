"""Figure 4: adversarial images, their reconstructions, and the residuals."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import attack_classes
from workflow_scripts.rendering.figures.picture_rows import around_grey, picture_rows
from workflow_scripts.rendering.names import display_name

FACTORS = (8, 4, 2)
"""The paper's magnification of residuals, and smaller ones for residuals that it would drive to black and white."""
SATURATED = 0.1
"""Share of a residual's values that may be beyond black and white."""


def figure(inputs: Inputs):
    """Two images of every attack: each a row of two groups of four pictures, the true perturbation beside."""
    made = inputs.one(recogniser="redrl")
    with np.load(made.file("examples.npz")) as content:
        kept = dict(content)
    rows = {}
    attacks = list(attack_classes(inputs))
    residuals = np.concatenate([(kept[f"{n}_adversarial"] - kept[f"{n}_reconstruction"]).ravel() for n in attacks])
    factor = next((f for f in FACTORS if (np.abs(residuals) * f > 0.5).mean() <= SATURATED), 1)
    for name in attacks:
        pictures = []
        images, clean, again = (kept[f"{name}_{part}"] for part in ("adversarial", "clean", "reconstruction"))
        for k in range(min(2, len(images))):
            residual, true = images[k] - again[k], images[k] - clean[k]
            pictures += [images[k], again[k], around_grey(residual, factor), around_grey(true, factor)]
        rows[display_name(name)] = pictures + [np.ones_like(images[0])] * (8 - len(pictures))
    columns = ["adversarial\nI_adv", "reconstructed\nG(I_adv)", f"residual\n× {factor}", f"true δ\n× {factor}"]
    return picture_rows(rows, columns * 2)
