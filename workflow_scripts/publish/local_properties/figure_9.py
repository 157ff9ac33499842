"""Figure 9: total response differences of robust models by weight decay, with the robust loss."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.figures.weight_decay_sweep import weight_decay_sweep
from workflow_scripts.publish.local_properties.sweep import swept

SERIES = {"PGD, test": "pgd_test_loss", "PGD, training": "pgd_train_loss"}


def figure(job: Job):
    """The last panel is the cross-entropy on adversarial images, at the best and the last epoch."""
    measure = job.parameters["measure"]
    return weight_decay_sweep(swept(job, measure, SERIES), measure, "robust loss (nats)", kernels=False)
