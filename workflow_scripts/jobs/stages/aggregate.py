"""Aggregated information paths of groups of inputs."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.information.aggregate import aggregate_paths
from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.jobs.job import Job

CLEAN = {"all": lambda c: np.ones(len(c["iip"]), bool)}
ATTACKED = {
    "attacked": lambda c: ~c["skipped"],
    "success": lambda c: c["success"],
    "common": lambda c: in_all(c),
    "transferred": lambda c: in_all(c) & (c["predicted"] != c["label"]),
    "stopped": lambda c: in_all(c) & (c["predicted"] == c["label"]),
}
"""Which inputs: those that the victim got right and that were attacked; its successes; those of the images that succeed
against every target (Q5 looks at no others); of them those that the model which looks at them gets wrong as well, and
those that it gets right. Every target got these images right before the attack."""


def realise(job: Job) -> dict:
    """Write aggregate.npz: for each target and subset the posterior mean and the 95% band (K,) and its inputs, in nats.

    `images` (N,) are the inputs' numbers in their split.

    A group of none is no error but leaves NaN, which the tables show as not measured.
    """
    with np.load(job.one(name="information").file("paths.npz")) as content:
        columns = dict(content)
    targets = columns.setdefault("target", np.full(len(columns["iip"]), ""))
    subsets = ATTACKED if "success" in columns else CLEAN
    arrays: dict[str, np.ndarray] = {"layers": columns["layers"]}
    counts = {}
    fitted: dict[bytes, dict[str, dict[str, np.ndarray]]] = {}  # subsets of the same inputs are fitted once
    for target in dict.fromkeys(targets.tolist()):
        for subset, choose in subsets.items():
            chosen = choose(columns) & (targets == target)
            counts[group_name(target, subset)] = int(chosen.sum())
            arrays[f"{group_name(target, subset)}/images"] = columns["index"][chosen]
            if chosen.tobytes() not in fitted:
                fitted[chosen.tobytes()] = {path: group(columns[path][chosen]) for path in ("iip", "oip")}
            for path, found in fitted[chosen.tobytes()].items():
                arrays |= {f"{group_name(target, subset)}/{path}_{part}": values for part, values in found.items()}
    np.savez(job.out / "aggregate.npz", **arrays)
    return {"inputs": counts}


def in_all(columns: dict[str, np.ndarray]) -> np.ndarray:
    """Whether each row's image succeeds against every target, (N,) bool."""
    sets = [columns["index"][columns["success"] & (columns["target"] == t)] for t in np.unique(columns["target"])]
    kept = sets[0]
    for other in sets[1:]:
        kept = np.intersect1d(kept, other)
    return columns["success"] & np.isin(columns["index"], kept)


def group(paths: np.ndarray) -> dict[str, np.ndarray]:
    """Mean, lower, upper (K,) and the inputs' own paths (N, K) of one group."""
    if not len(paths):
        nothing = np.full(paths.shape[1], np.nan)
        return {"mean": nothing, "lower": nothing, "upper": nothing, "inputs": paths}
    found = aggregate_paths(paths)
    return {"mean": found.mean, "lower": found.lower, "upper": found.upper, "inputs": paths}
