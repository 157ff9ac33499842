"""Differences of local responses between images and their adversarial versions, in one model's layers."""

from __future__ import annotations

import time

import numpy as np

from workflow_scripts.analysis.responses.differences import response_differences
from workflow_scripts.inputs.pairs import read_pairs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import load_classifier

BATCH = 100
"""Pairs at once: what bounds the memory, and nothing else."""


def realise(job: Job) -> dict:
    """Write responses.npz: layers (L,), maximum and total (N, L), the model's predictions and the set's records.

    The model need not be the one that the set was made against. A pair that was not attacked (`skipped`) is measured
    too, and its differences are 0.
    """
    model = job.one(name="model")
    classifier = load_classifier(
        model.metrics["description"], model.file(f"{job.parameters['checkpoint']}.safetensors"), job.device
    )
    pairs = read_pairs(job.one(name="images"), job.one(name="dataset"))
    started, count = time.monotonic(), -(-len(pairs) // BATCH)
    batches = progress(pairs.batches(BATCH), total=count, text=job.label, unit=f"x {BATCH} pairs")
    found = response_differences(classifier, batches, job.device)
    seconds = time.monotonic() - started
    np.savez(
        job.out / "responses.npz",
        layers=np.array(found.layers),
        maximum=found.maximum,
        total=found.total,
        predicted_natural=found.predicted_natural,
        predicted_adversarial=found.predicted_adversarial,
        **pairs.columns,
    )
    right = found.predicted_adversarial == pairs.columns["label"]
    return {
        "pairs": len(pairs),
        "attacked": int((~pairs.columns["skipped"]).sum()),
        "natural_accuracy": float((found.predicted_natural == pairs.columns["label"]).mean()),
        "adversarial_accuracy": float(right.mean()),
        "pairs_per_second": round(len(pairs) / seconds, 1),
    }
