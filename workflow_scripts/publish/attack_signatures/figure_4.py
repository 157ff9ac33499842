"""Figure 4: adversarial images, their reconstructions, and the residuals."""

from __future__ import annotations

import numpy as np

from workflow_scripts.job import Job
from workflow_scripts.publish import display_name
from workflow_scripts.publish.figures.picture_rows import around_grey, picture_rows

FACTOR = 8
"""The paper's magnification of residuals."""
COLUMNS = ("adversarial I_adv", "reconstructed G(I_adv)", f"residual × {FACTOR}", f"true δ × {FACTOR}")


def figure(job: Job):
    """Two images of every attack: each a row of two groups of four pictures, the true perturbation beside."""
    made = job.one(recogniser="redrl")
    with np.load(made.file("examples.npz")) as content:
        kept = dict(content)
    rows = {}
    for name in job.parameters["classes"]:
        pictures = []
        images, clean, again = (kept[f"{name}_{part}"] for part in ("adversarial", "clean", "reconstruction"))
        for k in range(min(2, len(images))):
            residual, true = images[k] - again[k], images[k] - clean[k]
            pictures += [images[k], again[k], around_grey(residual, FACTOR), around_grey(true, FACTOR)]
        if len(images) > 1:
            rows[display_name(name)] = pictures
    return picture_rows(rows, [column.replace(" ", "\n", 1) for column in COLUMNS] * 2)
