"""Figures 5 and 8 to 15: the parameter-saliency profiles of one victim."""

from __future__ import annotations

import numpy as np

from workflow_scripts.job import Job
from workflow_scripts.publish import display_name
from workflow_scripts.publish.attack_signatures.rows import classes_of
from workflow_scripts.publish.figures.saliency_profiles import Profile, saliency_profiles


def figure(job: Job):
    """A panel for clean images and for every class; signed profiles too where the recipe asks for them."""
    made = job.inputs[0].artifact
    with np.load(made.file("profiles.npz")) as content:
        kept = dict(content)
    with np.load(made.file("statistics.npz")) as content:
        counts = content["counts"].tolist()
    profiles = {
        display_name(name): Profile(
            kept[f"{name}_absolute"],
            kept[f"{name}_signed"] if job.parameters["signed"] else None,
            made.metrics["images"][name],
        )
        for name in classes_of(job)
    }
    return saliency_profiles(profiles, counts)
