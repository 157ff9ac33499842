"""The learning curve of the standard model."""

from __future__ import annotations

import pandas as pd

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.learning_curve import learning_curve


def figure(inputs: Inputs):
    """Loss and accuracy by epoch, with the best epoch marked."""
    artifact = inputs.one(name="model")
    return learning_curve(pd.read_csv(artifact.file("history.csv")), artifact.metrics["best_epoch"])
