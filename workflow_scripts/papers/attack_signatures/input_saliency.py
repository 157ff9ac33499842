"""Figures 6 and 7: input-saliency heat maps of one victim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import classes_of
from workflow_scripts.rendering.figures.heat_maps import Picture, heat_maps
from workflow_scripts.rendering.names import display_name


def figure(inputs: Inputs):
    """A pair of rows an image, a column for clean and for every class."""
    made = next(item.artifact for item in inputs.artifacts if "victim" in item.role)
    names = inputs.one(name="dataset").metrics["class_names"]
    with np.load(made.file("maps.npz")) as content:
        kept = dict(content)
    rows = []
    for k, label in enumerate(kept["label"]):
        rows.append(
            {
                display_name(name): Picture(
                    kept[f"{name}_image"][k],
                    kept[f"{name}_heat"][k],
                    str(names[kept[f"{name}_predicted"][k]]),
                    bool(kept[f"{name}_predicted"][k] == label),
                )
                for name in classes_of(inputs)
            }
        )
    return heat_maps(rows)
