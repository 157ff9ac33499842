"""Figure 2's differences beside those of a control: the surplus of amplitude by frequency."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.control_measurements import controls_measured
from workflow_scripts.papers.local_properties.filtered_predictions import MODEL_TITLES
from workflow_scripts.rendering.figures.radial_surplus import SurplusPanel, radial_surplus
from workflow_scripts.store.artifact import Artifact


def figure(inputs: Inputs):
    """One panel per model: ln |moved| − ln |natural| by radius, of the attack and of each control."""
    panels = []
    for model, title in MODEL_TITLES.items():
        series = {"adversarial": _surplus(inputs.one(name="spectra", model=model))}
        for kind, measured in controls_measured(inputs, {"name": "spectra", "model": model}).items():
            series[kind] = _surplus(measured)
        panels.append(SurplusPanel(title, series))
    return radial_surplus(panels)


def _surplus(spectra: Artifact) -> np.ndarray:
    """The surplus of each image by ring, (N, R)."""
    with np.load(spectra.file("spectra.npz")) as content:
        return content["adversarial_radial"] - content["natural_radial"]
