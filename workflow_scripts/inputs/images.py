"""The images that an information measurement looks at: clean images, an adversarial set, or an attack's trajectory."""

from __future__ import annotations

import numpy as np

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE, read_grouping_columns, read_images
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.splits import select
from workflow_scripts.store.artifact import Artifact


def load_inputs(inputs: Inputs) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The images (N, C, H, W), float32 in [0, 1], and their columns (N,) by name.

    Clean images (the recipe's parameter `images` selects them): index, label. An adversarial set: also success and
    skipped. A trajectory: followed, iteration.
    """
    wanted = inputs.parameters["images"]
    if wanted is not None:
        folder = inputs.one(name="dataset").file(wanted["split"])
        chosen = select(folder, wanted["count"], wanted["selection_seed"])
        return to_unit_range(chosen.images), {"index": chosen.index, "label": chosen.labels}
    made = inputs.one(name="images")
    if made.recipe["kind"] in ("trajectory", "random_walk"):
        with np.load(made.file("trajectory.npz")) as content:
            return content["images"], {name: content[name] for name in ("followed", "iteration")}
    return load_set(made)


def load_set(made: Artifact) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """The images (N, C, H, W), float32 in [0, 1], of an adversarial set, and their columns."""
    return read_images(made.file(FILE)), read_grouping_columns(
        made.file(FILE), ("index", "label", "success", "skipped")
    )
