"""The learning curve of one adversarial training: natural and robust accuracy and loss by epoch."""

from __future__ import annotations

import pandas as pd

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.robust_learning_curve import robust_learning_curve


def figure(inputs: Inputs):
    """Training and test images, natural and under both attacks; the best epoch is marked."""
    model = inputs.one(name="model")
    return robust_learning_curve(pd.read_csv(model.file("history.csv")), model.metrics["best_epoch"])
