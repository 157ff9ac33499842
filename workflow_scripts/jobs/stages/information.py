"""Mutual information of stored feature maps with the input and the last layer, for every input.

paths.npz: layers (K,); iip, oip (N, K) float64, the information paths in nats; iip_expected, oip_expected (N, K), what
of them is expected by chance; and the columns of the features' inputs.
matrices.h5: per layer `<layer>/S` (N, maps, input channels) and `<layer>/T` (N, maps, maps of the last layer), float32,
in nats, with a checksum per chunk.
"""

from __future__ import annotations

import time

import h5py
import numpy as np
import zarr

from workflow_scripts.analysis.information.streaming import stream_information_paths
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.measuring import per_second, row_batches

BATCH = 50
"""Inputs in memory at once; results do not depend on it."""


def realise(job: Job) -> dict:
    """Measure every input of the feature store; return the number of inputs, the layers and the speed."""
    features = job.one(name="features")
    store = zarr.open_group(features.file("features.zarr"), mode="r", zarr_format=3)
    layers, source = list(store.attrs["layers"]), store["source"]
    total, started = source.shape[0], time.monotonic()
    batches = (
        ({name: store[f"layers/{name}"][rows] for name in layers}, source[rows])
        for rows in row_batches(job, total, BATCH, "inputs")
    )
    with h5py.File(job.out / "matrices.h5", "w", libver="latest") as file:

        def write(name: str, start: int, matrix: np.ndarray) -> None:
            if name not in file:
                chunks = (min(BATCH, total), *matrix.shape[1:])
                file.create_dataset(name, (total, *matrix.shape[1:]), np.float32, chunks=chunks, fletcher32=True)
            file[name][start : start + len(matrix)] = matrix.astype(np.float32)

        paths = stream_information_paths(batches, job.parameters["buckets"], write)
    speed = per_second(total, started)
    with np.load(features.file("inputs.npz")) as inputs:
        columns = {name: inputs[name] for name in inputs.files}
    np.savez(job.out / "paths.npz", layers=np.array(layers), **paths.arrays(), **columns)
    return {"inputs": total, "layers": layers, "inputs_per_second": speed}
