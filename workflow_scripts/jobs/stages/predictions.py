"""A classifier's predictions for all images of one split.

predictions.npz: label (N,) and predicted (N,), in the order of the split.
"""

from __future__ import annotations

import numpy as np
import torch

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.splits import read_split
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.measuring import row_batches

BATCH = 200
"""Images in memory at once; results do not depend on it."""


def realise(job: Job) -> dict:
    """Predict the split `split` of the data set; return the number of images and the share of right predictions."""
    classifier = load_victim(job)
    images, labels = read_split(job.one(name="dataset").file(job.parameters["split"]), mapped=True)
    predicted = np.empty(len(labels), np.int64)
    for rows in row_batches(job, len(images), BATCH, "images"):
        x = torch.from_numpy(to_unit_range(images[rows])).to(job.device)
        with torch.no_grad():
            predicted[rows] = classifier(x).argmax(1).cpu().numpy()
    np.savez(job.out / "predictions.npz", label=labels, predicted=predicted)
    return {"images": len(labels), "accuracy": float((predicted == labels).mean())}
