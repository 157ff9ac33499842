"""Figure 1: confusion matrices of the recognisers of I_adv and of (δ, I_adv)."""

from __future__ import annotations

import numpy as np

from workflow_scripts.job import Job
from workflow_scripts.publish.attack_signatures.rows import RECOGNISERS
from workflow_scripts.publish.figures.confusion_matrices import confusion_matrices


def figure(job: Job):
    """One panel a recogniser."""
    matrices = {
        RECOGNISERS[item.role["recogniser"]]: np.array(item.artifact.metrics["confusion"]) for item in job.inputs
    }
    return confusion_matrices(matrices, job.inputs[0].artifact.metrics["classes"])
