"""The learning curve of one training."""

from __future__ import annotations

import pandas as pd

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.learning_curve import learning_curve


def figure(inputs: Inputs):
    """Loss and accuracy by epoch; the best epoch is marked."""
    model = inputs.one(name="model")
    return learning_curve(pd.read_csv(model.file("history.csv")), model.metrics["best_epoch"])
