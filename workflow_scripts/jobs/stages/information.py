"""MI matrices and information paths of every input of a feature store."""

from __future__ import annotations

import time

import numpy as np
import zarr

from workflow_scripts.analysis.information.recording import record_paths
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress

BATCH = 50
"""Inputs at once: what bounds the memory, and nothing else."""


def realise(job: Job) -> dict:
    """Write paths.npz (iip, oip (N, K) in nats, and the inputs' columns) and matrices.h5 (S and T of every layer)."""
    features = job.one(name="features")
    group = zarr.open_group(features.file("features.zarr"), mode="r", zarr_format=3)
    layers, source = list(group.attrs["layers"]), group["source"]
    total, started = source.shape[0], time.monotonic()

    def batches():
        for start in progress(range(0, total, BATCH), text=job.label, unit=f"x {BATCH} inputs"):
            rows = slice(start, start + BATCH)
            yield {name: group[f"layers/{name}"][rows] for name in layers}, source[rows]

    paths = record_paths(batches(), total, job.parameters["buckets"], job.out / "matrices.h5")
    seconds = time.monotonic() - started
    with np.load(features.file("inputs.npz")) as inputs:
        np.savez(job.out / "paths.npz", **paths, **{name: inputs[name] for name in inputs.files})
    return {"inputs": total, "layers": layers, "inputs_per_second": round(total / seconds, 2)}
