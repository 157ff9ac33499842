"""The learning curve of the standard model."""

from __future__ import annotations

import pandas as pd

from workflow_scripts.job import Job
from workflow_scripts.publish.figures.learning_curve import learning_curve


def figure(job: Job):
    """Loss and accuracy by epoch, with the best epoch marked."""
    artifact = job.one(name="model")
    return learning_curve(pd.read_csv(artifact.file("history.csv")), artifact.metrics["best_epoch"])
