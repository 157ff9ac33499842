"""Figure 2: average log-amplitude spectra of natural and adversarial images, and their differences."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.amplitude_spectra import amplitude_spectra


def figure(inputs: Inputs):
    """The panels' letters are the paper's.

    The natural images are those that the attack on the standard model started from. Each difference is between the same
    images: for the robust model, those that the attack on it started from.
    """
    by_model = {}
    for model in ("standard", "robust"):
        with np.load(inputs.one(model=model).file("spectra.npz")) as content:
            by_model[model] = {kind: content[kind] for kind in ("natural", "adversarial")}
    standard, robust = by_model["standard"], by_model["robust"]
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
