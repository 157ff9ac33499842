"""Figure 5: maximum response differences of robust models by weight decay, with kernels and robustness."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.figures.weight_decay_sweep import weight_decay_sweep
from workflow_scripts.publish.local_properties.sweep import swept

SERIES = {
    "natural, test": "natural_test_accuracy",
    "PGD, test": "pgd_test_accuracy",
    "PGD, training": "pgd_train_accuracy",
}


def figure(job: Job):
    """The last panel is the accuracy along the training's own evaluations, at the best and the last epoch."""
    measure = job.parameters["measure"]
    return weight_decay_sweep(swept(job, measure, SERIES), measure, "accuracy", kernels=True)
