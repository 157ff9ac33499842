"""Figure 1: confusion matrices of the recognisers of I_adv and of (δ, I_adv)."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.rows import RECOGNISERS
from workflow_scripts.rendering.figures.confusion_matrices import confusion_matrices


def figure(inputs: Inputs):
    """One panel a recogniser."""
    matrices = {
        RECOGNISERS[item.role["recogniser"]]: np.array(item.artifact.metrics["confusion"]) for item in inputs.artifacts
    }
    return confusion_matrices(matrices, inputs.artifacts[0].artifact.metrics["classes"])
