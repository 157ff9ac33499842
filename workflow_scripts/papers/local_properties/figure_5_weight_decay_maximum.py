"""Figure 5: maximum response differences of robust models by weight decay, with kernels and robustness."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.weight_decay_sweep import sweep_points
from workflow_scripts.rendering.figures.weight_decay_sweep import weight_decay_sweep

SERIES = {
    "natural, test": "natural_test_accuracy",
    "PGD, test": "pgd_test_accuracy",
    "PGD, training": "pgd_train_accuracy",
}


def figure(inputs: Inputs):
    """The last panel shows the accuracy measured during the training, at the best and the last epoch."""
    measure = inputs.parameters["measure"]
    return weight_decay_sweep(sweep_points(inputs, measure, SERIES), measure, "accuracy", kernels=True)
