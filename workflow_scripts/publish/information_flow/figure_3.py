"""Figure 3: the information paths of one input's intermediate inputs, and their deviation by iteration."""

from __future__ import annotations

import numpy as np

from workflow_scripts.job import Job
from workflow_scripts.publish.figures.attack_trajectory import attack_trajectory


def figure(job: Job):
    """Paths of x̂_0 … x̂_n of one crafting process."""
    with np.load(job.inputs[0].artifact.file("paths.npz")) as content:
        return attack_trajectory(
            content["iip"],
            content["oip"],
            [str(n) for n in content["layers"]],
            iterations=content["iteration"],
        )
