"""Figures 6 and 7: input-saliency heat maps of one victim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import all_classes
from workflow_scripts.rendering.figures.input_saliency import SaliencyMap, input_saliency
from workflow_scripts.rendering.names import display_name


def figure(inputs: Inputs):
    """Two rows per image, the image and its saliency map; one column for the clean image and one per class."""
    class_names = inputs.one(name="dataset").metrics["class_names"]
    with np.load(inputs.one(name="input_saliency").file("maps.npz")) as content:
        arrays = dict(content)
    rows = []
    for k, label in enumerate(arrays["label"]):
        rows.append(
            {
                display_name(name): SaliencyMap(
                    arrays[f"{name}_image"][k],
                    arrays[f"{name}_heat"][k],
                    str(class_names[arrays[f"{name}_predicted"][k]]),
                    bool(arrays[f"{name}_predicted"][k] == label),
                )
                for name in all_classes(inputs)
            }
        )
    return input_saliency(rows)
