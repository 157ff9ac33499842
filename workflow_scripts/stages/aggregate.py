"""Aggregated information paths of a group of inputs."""

from __future__ import annotations

import numpy as np

from workflow_scripts.information.aggregate import aggregate_paths
from workflow_scripts.job import Job


def realise(job: Job) -> dict:
    """Write aggregate.npz: for iip and oip the posterior mean and the 95% band (K,), in nats.

    `subset` "success" takes the inputs on which the attack succeeded, "all" every one. A group of none is no error
    but leaves NaN, which the tables show as not measured.
    """
    with np.load(job.one(name="information").file("paths.npz")) as content:
        chosen = content["success"] if job.parameters["subset"] == "success" else np.ones(len(content["iip"]), bool)
        paths = {name: content[name][chosen] for name in ("iip", "oip")}
        layers = content["layers"]
    arrays: dict[str, np.ndarray] = {"layers": layers}
    metrics: dict = {"inputs": int(chosen.sum())}
    for name, values in paths.items():
        if not len(values):
            arrays |= {f"{name}_{part}": np.full(len(layers), np.nan) for part in ("mean", "lower", "upper")}
            continue
        found = aggregate_paths(values)
        arrays |= {f"{name}_{part}": getattr(found, part) for part in ("mean", "lower", "upper")}
        arrays[f"{name}_inputs"] = values
        process = found.hyperparameters
        metrics[name] = {
            "constant": process.constant,
            "outputscale": process.outputscale,
            "lengthscale": process.lengthscale,
        }
    np.savez(job.out / "aggregate.npz", **arrays)
    return metrics
