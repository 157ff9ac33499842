"""Transferability: which of the adversarial inputs made for one model also deceive another model."""

from __future__ import annotations

import numpy as np

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import image_keys

_OWN_COLUMNS = ("index", "label", "predicted_before", "success", "skipped")
_TRANSFER_COLUMNS = ("index", "label", "success", "predicted", "skipped")


def transferred(inputs: Inputs, attack: str, target: str, model: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Whether each input that deceives `target` also deceives `model`.

    Only inputs whose original image `model` classifies correctly count. Returns (N,) bool and the images' keys (N,).
    """
    transfer, own = _columns(inputs, attack, target, model, seed)
    counted = transfer["success"] & (own["predicted_before"] == own["label"])
    return transfer["predicted"][counted] != transfer["label"][counted], image_keys(transfer["index"][counted])


def stronger_transfer(inputs: Inputs, attack: str, target: str, model: str, seed: int) -> tuple[float, float] | None:
    """Shares of inputs for `target` and of inputs for `model` that deceive `model`, of the images attacked on both.

    None unless the first share is larger: an attack that is outperformed by a transfer is weaker than it could be.
    """
    transfer, own = _columns(inputs, attack, target, model, seed)
    both = ~transfer["skipped"] & ~own["skipped"]
    if not both.any():
        return None
    by_transfer = (transfer["predicted"] != transfer["label"])[both].mean()
    by_attack = own["success"][both].mean()
    return (float(by_transfer), float(by_attack)) if by_transfer > by_attack else None


def _columns(inputs: Inputs, attack: str, target: str, model: str, seed: int) -> tuple[dict, dict]:
    """The columns of the inputs made for `target`, measured on `model`, and of the model's own adversarial set."""
    paths = inputs.one(name="transfer", model=model, target=target, attack=attack, seed=seed)
    with np.load(paths.file("paths.npz")) as content:
        rows = content["target"] == target
        transfer = {name: content[name][rows] for name in _TRANSFER_COLUMNS}
    own_set = inputs.one(name="adversarial_set", model=model, attack=attack, seed=seed)
    own = read_columns(own_set.file(FILE), _OWN_COLUMNS)
    if not np.array_equal(own["index"], transfer["index"]):
        raise ValueError(f"{attack}'s sets against {model} and {target} are not made from the same images")
    return transfer, own
