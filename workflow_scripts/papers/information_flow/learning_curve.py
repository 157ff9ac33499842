"""The learning curve of a model's first training."""

from __future__ import annotations

import pandas as pd

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.learning_curve import learning_curve


def figure(inputs: Inputs):
    """Loss and accuracy by epoch, with the best epoch marked."""
    artifact = inputs.artifacts[0].artifact
    return learning_curve(pd.read_csv(artifact.file("history.csv")), artifact.metrics["best_epoch"])
