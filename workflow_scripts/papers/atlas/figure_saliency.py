"""Shifts of saliency between relative depths, under each attack and under its controls."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.atlas.curves import panels_by_model
from workflow_scripts.papers.atlas.depth_axis import DEPTH_AXIS
from workflow_scripts.papers.atlas.measures import saliency_shift
from workflow_scripts.papers.atlas.pairs import ATTACK
from workflow_scripts.rendering.figures.attack_curves import attack_curves


def figure(inputs: Inputs):
    """A row per model, a column for the attacks and for each control."""
    panels = panels_by_model(inputs, [ATTACK, *inputs.parameters["controls"]], saliency_shift)
    return attack_curves(panels, DEPTH_AXIS, "shift of the share")
