"""Which of one model's adversarial inputs deceive another model too."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs

_OWN = ("index", "label", "predicted_before", "success", "skipped")
_SEEN = ("index", "label", "success", "predicted", "skipped")


def transfers(inputs: Inputs, attack: str, target: str, model: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Of the inputs that deceive `target` and whose originals `model` gets right: does `model` get them wrong?

    Returns (N,) bool and the images' numbers (N,).
    """
    seen, own = _both(inputs, attack, target, model, seed)
    counted = seen["success"] & (own["predicted_before"] == own["label"])
    return seen["predicted"][counted] != seen["label"][counted], seen["index"][counted]


def beaten_by_transfer(inputs: Inputs, attack: str, target: str, model: str, seed: int) -> tuple[float, float] | None:
    """Of the images attacked on both models: how many inputs for `target` deceive `model`, and how many of its own do.

    None unless the first is more: an attack that another model's inputs beat is weaker than it could be.
    """
    seen, own = _both(inputs, attack, target, model, seed)
    both = ~seen["skipped"] & ~own["skipped"]
    if not both.any():
        return None
    moved, made = (seen["predicted"] != seen["label"])[both].mean(), own["success"][both].mean()
    return (float(moved), float(made)) if moved > made else None


def _both(inputs: Inputs, attack: str, target: str, model: str, seed: int) -> tuple[dict, dict]:
    """The columns of the inputs for `target` as `model` sees them, and of the model's own set, of the same images."""
    reaction = inputs.one(reaction=model, target=target, attack=attack, seed=seed)
    with np.load(reaction.file("paths.npz")) as content:
        rows = content["target"] == target
        seen = {name: content[name][rows] for name in _SEEN}
    own = read_columns(inputs.one(made="set", model=model, attack=attack, seed=seed).file(FILE), _OWN)
    if not np.array_equal(own["index"], seen["index"]):
        raise ValueError(f"{attack}'s sets against {model} and {target} are not of the same images")
    return seen, own
