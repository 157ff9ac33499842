"""Figures 5 and 8 to 15: the parameter-saliency profiles of one victim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import all_classes
from workflow_scripts.rendering.figures.saliency_profiles import Profile, saliency_profiles
from workflow_scripts.rendering.names import display_name


def figure(inputs: Inputs):
    """One panel for clean images and one per class; with signed profiles where the recipe asks for them."""
    saliency = inputs.one(name="saliency")
    with np.load(saliency.file("profiles.npz")) as content:
        arrays = dict(content)
    with np.load(saliency.file("statistics.npz")) as content:
        filter_counts = content["counts"].tolist()
    profiles = {
        display_name(name): Profile(
            arrays[f"{name}_absolute"],
            arrays[f"{name}_signed"] if inputs.parameters["signed"] else None,
            saliency.metrics["images"][name],
        )
        for name in all_classes(inputs)
    }
    return saliency_profiles(profiles, filter_counts)
