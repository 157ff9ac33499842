"""Predictions for low-pass, high-pass and frequency-swapped images (local_properties paper, Figures 1 and 6).

filtered_predictions.npz: radii (R,), the filters' radii in cycles per image; per curve of `accuracy.CURVES` an array
(R, N) bool, whether the prediction is the label; and the set's columns index, label, skipped, predicted_before and
success (N,). All images are measured; where an image was not attacked, the adversarial image is the image itself.
"""

from __future__ import annotations

import time

import numpy as np
import torch

from workflow_scripts.analysis.spectrum.accuracy import CURVES, filtered_correctness
from workflow_scripts.analysis.spectrum.radii import largest_radius
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.pairs import load_pairs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.measuring import per_second, row_batches

BATCH = 200
"""Pairs in memory at once; results do not depend on it."""


def realise(job: Job) -> dict:
    """Measure every pair at every radius; return the counts and the speed."""
    classifier, pairs = load_victim(job), load_pairs(job)
    last = largest_radius(*pairs.images.shape[-2:])
    radii = np.array(sorted({*range(0, last, job.parameters["radius_step"]), last}))
    labels = torch.from_numpy(pairs.columns["label"])
    started = time.monotonic()
    batches = (
        tuple(part.to(job.device) for part in (*pairs.tensors(rows), labels[rows]))
        for rows in row_batches(job, len(pairs), BATCH, "pairs")
    )
    curves = filtered_correctness(classifier, batches, radii)
    speed = per_second(len(pairs) * len(radii) * len(CURVES), started)
    np.savez(job.out / "filtered_predictions.npz", radii=radii, **curves, **pairs.columns)
    return {"pairs": len(pairs), "radii": len(radii), "inputs_per_second": speed}
