"""Feature maps of a classifier for one set of inputs, as a Zarr store with an array a layer."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import torch
import zarr
from zarr.codecs import BloscCodec

from workflow_scripts.inputs.images import load_inputs
from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress
from workflow_scripts.models.classifier import load_classifier
from workflow_scripts.models.feature_maps import feature_maps

SHARD = 100
"""Samples a shard: each is written once, whole and in order; a chunk within it holds ten samples."""


def realise(job: Job) -> dict:
    """Write features.zarr: `source` (N, C, H, W) and an array a layer under `layers`, float32; and the labels."""
    model = job.one(name="model")
    weights = model.file(f"{job.parameters['checkpoint']}.safetensors")
    classifier = load_classifier(model.metrics["description"], weights, job.device)
    images, columns = load_inputs(job)
    group = zarr.open_group(job.out / "features.zarr", mode="w")
    started, names, predictions = time.monotonic(), [], []
    for start in progress(range(0, len(images), SHARD), text=job.label, unit=f"x {SHARD} inputs"):
        x = torch.from_numpy(images[start : start + SHARD]).to(job.device)
        maps, logits = feature_maps(classifier, x)
        predictions.append(logits.argmax(1).cpu().numpy())
        names = list(maps)
        for name, values in {"source": x, **{f"layers/{name}": maps[name] for name in names}}.items():
            write_shard(group, name, start, len(images), values.float().cpu().numpy())
    columns["predicted"] = np.concatenate(predictions)
    group.attrs["layers"] = names
    np.savez(job.out / "inputs.npz", **columns)
    seconds, size = time.monotonic() - started, stored_bytes(job.out)
    return {
        "inputs": len(images),
        "layers": {name: list(group[f"layers/{name}"].shape[1:]) for name in names},
        "stored_mb": round(size / 2**20, 2),
        "inputs_per_second": round(len(images) / seconds, 1),
        "mb_per_second": round(size / 2**20 / seconds, 1),
    }


def write_shard(group: zarr.Group, name: str, start: int, total: int, values: np.ndarray) -> None:
    """Write samples start … start + n of the array `name`, which the first call creates."""
    if name not in group:
        group.create_array(
            name,
            shape=(total, *values.shape[1:]),
            dtype=values.dtype,
            chunks=(min(10, SHARD), *values.shape[1:]),
            shards=(SHARD, *values.shape[1:]),
            compressors=BloscCodec(cname="lz4", clevel=5, shuffle="bitshuffle"),
            config={"write_empty_chunks": True},
        )
    group[name][start : start + len(values)] = values


def stored_bytes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
