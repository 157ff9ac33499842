"""Figure 8: perturbations by PGD that do not fool the robust model, in the pixel domain."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.pictures import perturbation_figure


def figure(inputs: Inputs):
    """Natural image, adversarial example and perturbation against the robust, then against the standard model."""
    return perturbation_figure(inputs)
