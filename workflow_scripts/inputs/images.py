"""The inputs whose reactions a stage measures: clean images, an adversarial set, or a crafting process."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.splits import select
from workflow_scripts.jobs.job import Job
from workflow_scripts.store.artifact import Artifact


def load_inputs(job: Job) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The inputs (N, C, H, W) float32 in [0, 1] and what is known of each: label, and success where attacked."""
    wanted = job.parameters["images"]
    if wanted is not None:
        chosen = select(job.one(name="dataset").file(wanted["split"]), wanted["count"], wanted["selection_seed"])
        return chosen.images.astype(np.float32) / 255, {"index": chosen.index, "label": chosen.labels}
    made = job.one(name="images")
    if made.recipe["kind"] == "trajectory":
        with np.load(made.file("trajectory.npz")) as content:
            return content["images"], {name: content[name] for name in ("followed", "iteration")}
    return load_set(made)


def load_set(made: Artifact) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """An adversarial set's inputs (N, C, H, W) in [0, 1] and their columns."""
    return read_images(made.file(FILE)), read_columns(made.file(FILE), ("index", "label", "success", "skipped"))
