"""Feature maps of a classifier for one set of inputs.

features.zarr: `source` (N, C, H, W), the inputs in [0, 1], and per layer `layers/<name>` (N, maps, h, w), float32; the
attribute `layers` has the names in the network's order. inputs.npz: the inputs' columns (index, label and, for attacked
images, skipped and success) and predicted (N,).
"""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
import zarr
from zarr.codecs import BloscCodec

from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.images import load_inputs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.measuring import per_second, row_batches
from workflow_scripts.models.feature_maps import feature_maps

SHARD = 100
"""Inputs per shard of a Zarr array: each shard is written once, complete and in order."""
CHUNK = 10
"""Inputs per chunk, the smallest part that can be read."""


def realise(job: Job) -> dict:
    """Store the feature maps of every input; return the layers' shapes (maps, h, w), the stored size and speeds."""
    classifier = load_victim(job)
    images, columns = load_inputs(job)
    store = zarr.open_group(job.out / "features.zarr", mode="w")
    started, names, predictions = time.monotonic(), [], []
    for rows in row_batches(job, len(images), SHARD, "inputs"):
        x = torch.from_numpy(images[rows]).to(job.device)
        maps, logits = feature_maps(classifier, x)
        predictions.append(logits.argmax(1).cpu().numpy())
        names = list(maps)
        for name, values in {"source": x, **{f"layers/{name}": maps[name] for name in names}}.items():
            write_shard(store, name, rows.start, len(images), values.float().cpu().numpy())
    columns["predicted"] = np.concatenate(predictions)
    store.attrs["layers"] = names
    np.savez(job.out / "inputs.npz", **columns)
    megabytes = stored_bytes(job.out) / 2**20
    return {
        "inputs": len(images),
        "layers": {name: list(store[f"layers/{name}"].shape[1:]) for name in names},
        "stored_mb": round(megabytes, 2),
        "inputs_per_second": per_second(len(images), started),
        "mb_per_second": per_second(megabytes, started),
    }


def write_shard(store: zarr.Group, name: str, start: int, total: int, values: np.ndarray) -> None:
    """Write rows start … start + n of the array `name`, which the first call creates."""
    if name not in store:
        store.create_array(
            name,
            shape=(total, *values.shape[1:]),
            dtype=values.dtype,
            chunks=(min(CHUNK, SHARD), *values.shape[1:]),
            shards=(SHARD, *values.shape[1:]),
            compressors=BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"),
            config={"write_empty_chunks": True},  # else a lost chunk would read as zeros
        )
    store[name][start : start + len(values)] = values


def stored_bytes(folder: Path) -> int:
    """Bytes of all files below a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
