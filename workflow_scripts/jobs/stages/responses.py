"""Differences of local responses between images and their adversarial versions, in the layers of one model.

responses.npz: layers (L,); maximum, total (N, L) float64, per image the maximum and the sum of |f_l(x_adv) − f_l(x)|
over channels and positions; relative (N, L) float64, ‖f_l(x_adv) − f_l(x)‖₂ / ‖f_l(x)‖₂, NaN where f_l(x) is zero;
predicted_natural, predicted_adversarial (N,), the measured model's predictions; and the set's columns index, label,
skipped, predicted_before and success (N,).

The measured model need not be the one that was attacked. Images that were not attacked (`skipped`) have differences of
0.
"""

from __future__ import annotations

import time

import numpy as np

from workflow_scripts.analysis.responses.differences import MEASURES, response_differences
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.pairs import load_pairs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.measuring import per_second, row_batches

BATCH = 100
"""Pairs in memory at once; results do not depend on it."""


def realise(job: Job) -> dict:
    """Measure every pair; return counts, the model's accuracy on both kinds of image and the speed."""
    classifier, pairs = load_victim(job), load_pairs(job)
    started = time.monotonic()
    batches = (pairs.tensors(rows) for rows in row_batches(job, len(pairs), BATCH, "pairs"))
    differences = response_differences(classifier, batches, job.device)
    speed = per_second(len(pairs), started)
    np.savez(
        job.out / "responses.npz",
        layers=np.array(differences.layers),
        **{name: getattr(differences, name) for name in MEASURES},
        predicted_natural=differences.predicted_natural,
        predicted_adversarial=differences.predicted_adversarial,
        **pairs.columns,
    )
    label = pairs.columns["label"]
    return {
        "pairs": len(pairs),
        "attacked": int((~pairs.columns["skipped"]).sum()),
        "natural_accuracy": float((differences.predicted_natural == label).mean()),
        "adversarial_accuracy": float((differences.predicted_adversarial == label).mean()),
        "pairs_per_second": speed,
    }
