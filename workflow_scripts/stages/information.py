"""MI matrices and information paths of every input of a feature store."""

from __future__ import annotations

import time
from collections import defaultdict

import h5py
import numpy as np
import zarr

from workflow_scripts.information.paths import mi_matrices
from workflow_scripts.job import Job, progress

BATCH = 50
"""Inputs at once: what bounds the memory, and nothing else."""


def realise(job: Job) -> dict:
    """Write paths.npz (iip, oip (N, K) in nats, and the inputs' columns) and matrices.h5 (S and T of every layer)."""
    features = job.one(name="features")
    group = zarr.open_group(features.file("features.zarr"), mode="r")
    layers, source = list(group.attrs["layers"]), group["source"]
    total = source.shape[0]
    paths: dict[str, list] = defaultdict(list)
    started = time.monotonic()
    with h5py.File(job.out / "matrices.h5", "w", libver="latest") as file:
        for start in progress(range(0, total, BATCH), text=job.label, unit=f"x {BATCH} inputs"):
            rows = slice(start, start + BATCH)
            maps = {name: group[f"layers/{name}"][rows] for name in layers}
            means: dict[str, list] = {"iip": [], "oip": []}
            for found in mi_matrices(maps, source[rows], job.parameters["buckets"]):
                for key, path, matrix in (("S", "iip", found.source_mi), ("T", "oip", found.target_mi)):
                    append(file, f"{found.layer}/{key}", start, total, matrix.astype(np.float32))
                    means[path].append(matrix.mean(axis=(1, 2)))
            for path, columns in means.items():
                paths[path].append(np.stack(columns, axis=1))
    seconds = time.monotonic() - started
    with np.load(features.file("inputs.npz")) as inputs:
        columns = {name: inputs[name] for name in inputs.files}
    np.savez(
        job.out / "paths.npz",
        layers=np.array(layers),
        iip=np.concatenate(paths["iip"]),
        oip=np.concatenate(paths["oip"]),
        **columns,
    )
    return {"inputs": total, "layers": layers, "inputs_per_second": round(total / seconds, 2)}


def append(file: h5py.File, name: str, start: int, total: int, values: np.ndarray) -> None:
    """Write rows start … of the matrix set `name` (N, n, m), with a checksum on every chunk."""
    if name not in file:
        chunks = (min(BATCH, total), *values.shape[1:])
        file.create_dataset(name, (total, *values.shape[1:]), values.dtype, chunks=chunks, fletcher32=True)
    file[name][start : start + len(values)] = values
