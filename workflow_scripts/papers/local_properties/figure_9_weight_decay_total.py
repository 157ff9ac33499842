"""Figure 9: total response differences of robust models by weight decay, with the robust loss."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.weight_decay_sweep import sweep_points
from workflow_scripts.rendering.figures.weight_decay_sweep import weight_decay_sweep

SERIES = {"PGD, test": "pgd_test_loss", "PGD, training": "pgd_train_loss"}


def figure(inputs: Inputs):
    """The last panel shows the cross-entropy on adversarial images, at the best and the last epoch."""
    measure = inputs.parameters["measure"]
    return weight_decay_sweep(sweep_points(inputs, measure, SERIES), measure, "robust loss (nats)", kernels=False)
