"""Energy of the perturbations by radial band, of each attack and of its controls."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.comparison.fingerprints import BANDS
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.curves import panels_by_model
from workflow_scripts.papers.atlas.measures import band_shares
from workflow_scripts.papers.atlas.pairs import ATTACK
from workflow_scripts.rendering.figures.attack_curves import Abscissa, attack_curves

BAND_AXIS = Abscissa(np.arange(1, BANDS + 1), "radial band")


def figure(inputs: Inputs):
    """A row per model, a column for the attacks and for each control."""
    panels = panels_by_model(inputs, [ATTACK, *inputs.parameters["controls"]], band_shares)
    return attack_curves(panels, BAND_AXIS, "share of energy")
