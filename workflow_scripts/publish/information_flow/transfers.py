"""Which of one model's adversarial inputs deceive another model too."""

from __future__ import annotations

import numpy as np

from workflow_scripts.attacks.records import FILE, read_columns
from workflow_scripts.job import Job


def transfers(job: Job, attack: str, target: str, model: str, seed: int) -> np.ndarray:
    """Of the inputs that deceive `target` and whose originals `model` gets right: does `model` get them wrong?

    Returns (N,) bool. Reads the paths' columns of the inputs on `model`, and the model's own adversarial set, which
    knows what it predicted before.
    """
    reaction = job.one(reaction=model, target=target, attack=attack, seed=seed)
    with np.load(reaction.file("paths.npz")) as content:
        rows = content["target"] == target
        columns = {name: content[name][rows] for name in ("index", "label", "success", "predicted")}
    made = job.one(made="set", model=model, attack=attack, seed=seed)
    own = read_columns(made.file(FILE), ("index", "label", "predicted_before"))
    if not np.array_equal(own["index"], columns["index"]):
        raise ValueError(f"{attack}'s sets against {model} and {target} are not of the same images")
    counted = columns["success"] & (own["predicted_before"] == own["label"])
    return columns["predicted"][counted] != columns["label"][counted]
