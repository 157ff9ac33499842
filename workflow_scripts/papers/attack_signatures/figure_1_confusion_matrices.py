"""Figure 1: confusion matrices of the recognisers of I_adv and of (δ, I_adv)."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.attack_signatures.classes_and_victims import RECOGNISERS
from workflow_scripts.rendering.figures.confusion_matrices import confusion_matrices


def figure(inputs: Inputs):
    """One panel per recogniser."""
    evaluations = inputs.all(name="recogniser_evaluation")
    matrices = {
        RECOGNISERS[item.role["recogniser"]]: np.array(item.artifact.metrics["confusion"]) for item in evaluations
    }
    return confusion_matrices(matrices, evaluations[0].artifact.metrics["classes"])
