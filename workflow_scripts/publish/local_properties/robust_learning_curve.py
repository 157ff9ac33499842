"""The learning curve of an adversarial training: natural and robust accuracy and loss by epoch."""

from __future__ import annotations

import pandas as pd

from workflow_scripts.job import Job
from workflow_scripts.publish.figures.robust_learning_curve import robust_learning_curve


def figure(job: Job):
    """Training and test images, natural and under both attacks, with the best epoch marked."""
    artifact = job.one(name="model")
    return robust_learning_curve(pd.read_csv(artifact.file("history.csv")), artifact.metrics["best_epoch"])
