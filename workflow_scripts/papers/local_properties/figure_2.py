"""Figure 2: average log-amplitude spectra of natural and adversarial images, and their differences."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.amplitude_spectra import amplitude_spectra


def figure(inputs: Inputs):
    """The letters are the paper's. Natural images are those that the standard model's attack started from.

    Each difference is of the same images: in the robust model's they are those that its own attack started from.
    """
    found = {}
    for model in ("standard", "robust"):
        with np.load(inputs.one(model=model).file("spectra.npz")) as content:
            found[model] = {kind: content[kind] for kind in ("natural", "adversarial")}
    standard, robust = found["standard"], found["robust"]
    spectra = {
        "natural": standard["natural"],
        "adv. standard": standard["adversarial"],
        "adv. robust": robust["adversarial"],
    }
    differences = {
        "(b) − (a)": standard["adversarial"] - standard["natural"],
        "(d) − its natural": robust["adversarial"] - robust["natural"],
    }
    return amplitude_spectra(spectra, differences, letters="abdce")
