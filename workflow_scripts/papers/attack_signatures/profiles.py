"""Figures 5 and 8 to 15: the parameter-saliency profiles of one victim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import classes_of
from workflow_scripts.rendering.figures.saliency_profiles import Profile, saliency_profiles
from workflow_scripts.rendering.names import display_name


def figure(inputs: Inputs):
    """A panel for clean images and for every class; signed profiles too where the recipe asks for them."""
    made = inputs.artifacts[0].artifact
    with np.load(made.file("profiles.npz")) as content:
        kept = dict(content)
    with np.load(made.file("statistics.npz")) as content:
        counts = content["counts"].tolist()
    profiles = {
        display_name(name): Profile(
            kept[f"{name}_absolute"],
            kept[f"{name}_signed"] if inputs.parameters["signed"] else None,
            made.metrics["images"][name],
        )
        for name in classes_of(inputs)
    }
    return saliency_profiles(profiles, counts)
