"""Aggregated information paths of groups of inputs (information_flow paper, section III-C).

aggregate.npz: layers (K,); and per group, named `<target>/<subset>` as by `group_name`: `<group>/images` (n,), the
inputs' positions in the split; and for each path, in nats: `<group>/<path>_inputs` (n, K), the inputs' own paths;
`<group>/<path>_mean` (K,), the aggregated path; `<group>/<path>_lower` and `<group>/<path>_upper` (K,), its 95%
credible interval. A group without inputs has NaN, which tables show as not measured.

The paths are iip and oip, the plug-in ones of the paper, and iip_corrected and oip_corrected, these minus what is
expected by chance. Of iip_expected and oip_expected, the chance level, there is `<group>/<path>_inputs` alone.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from workflow_scripts.analysis.information.aggregate import aggregate_paths
from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.jobs.job import Job

Columns = Mapping[str, np.ndarray]

CLEAN_SUBSETS: dict[str, Callable[[Columns], np.ndarray]] = {"all": lambda c: np.ones(len(c["iip"]), bool)}
ATTACKED_SUBSETS: dict[str, Callable[[Columns], np.ndarray]] = {
    "attacked": lambda c: ~c["skipped"],
    "success": lambda c: c["success"],
    "common": lambda c: succeeds_on_all_targets(c),
    "transferred": lambda c: succeeds_on_all_targets(c) & (c["predicted"] != c["label"]),
    "stopped": lambda c: succeeds_on_all_targets(c) & (c["predicted"] == c["label"]),
}
"""Subset → its rows (N,) bool. attacked: the target classified the clean image correctly. success: and misclassifies
the attacked one. common: the attack of this image succeeds against every target (the paper's Q5 looks at these alone).
transferred, stopped: common ones that the measured model misclassifies, and those that it does not."""


def realise(job: Job) -> dict:
    """Aggregate the paths of every target and subset; return the groups' numbers of inputs."""
    with np.load(job.one(name="information").file("paths.npz")) as content:
        columns = dict(content)
    targets = columns.setdefault("target", np.full(len(columns["iip"]), ""))
    subsets = ATTACKED_SUBSETS if "success" in columns else CLEAN_SUBSETS
    arrays: dict[str, np.ndarray] = {"layers": columns["layers"]}
    counts = {}
    aggregated: dict[bytes, dict[str, dict[str, np.ndarray]]] = {}  # subsets of the same inputs are fitted once
    for target in dict.fromkeys(targets.tolist()):
        for subset, choose in subsets.items():
            group, rows = group_name(target, subset), choose(columns) & (targets == target)
            counts[group] = int(rows.sum())
            arrays[f"{group}/images"] = columns["index"][rows]
            if rows.tobytes() not in aggregated:
                aggregated[rows.tobytes()] = aggregated_paths(columns, rows)
            for path, parts in aggregated[rows.tobytes()].items():
                arrays |= {f"{group}/{path}_{part}": values for part, values in parts.items()}
    np.savez(job.out / "aggregate.npz", **arrays)
    return {"inputs": counts}


def aggregated_paths(columns: Columns, rows: np.ndarray) -> dict[str, dict[str, np.ndarray]]:
    """Path → its parts, of the inputs in `rows` (N,) bool: plug-in, chance-corrected, and the chance level's inputs."""
    parts = {}
    for path in ("iip", "oip"):
        plug_in, expected = columns[path][rows], columns[f"{path}_expected"][rows]
        parts[path] = aggregate(plug_in)
        parts[f"{path}_corrected"] = aggregate(plug_in - expected)
        parts[f"{path}_expected"] = {"inputs": expected}
    return parts


def succeeds_on_all_targets(columns: Columns) -> np.ndarray:
    """Whether the attack of each row's image succeeds against every target, (N,) bool."""
    success, target, index = columns["success"], columns["target"], columns["index"]
    common, *others = [index[success & (target == name)] for name in np.unique(target)]
    for other in others:
        common = np.intersect1d(common, other)
    return success & np.isin(index, common)


def aggregate(paths: np.ndarray) -> dict[str, np.ndarray]:
    """Mean, lower and upper (K,) of the aggregated path of `paths` (n, K), and `inputs`, the paths themselves."""
    if not len(paths):
        nothing = np.full(paths.shape[1], np.nan)
        return {"mean": nothing, "lower": nothing, "upper": nothing, "inputs": paths}
    posterior = aggregate_paths(paths)
    return {"mean": posterior.mean, "lower": posterior.lower, "upper": posterior.upper, "inputs": paths}
