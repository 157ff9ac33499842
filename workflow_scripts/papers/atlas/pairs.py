"""Every model under every attack: what was measured there, on the images that were attacked."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import MIN_INPUTS, image_keys, image_weights
from workflow_scripts.recipes.exact_numbers import to_float
from workflow_scripts.rendering.table import Key
from workflow_scripts.store.artifact import Artifact

CLEAN, ATTACK = "clean", "attack"
MODEL_KEY, ATTACK_KEY = Key("model", "Model"), Key("attack", "Attack")
PERTURBATION_KEY = Key("perturbation", "Perturbation")
PAIR_KEYS = (MODEL_KEY, ATTACK_KEY, PERTURBATION_KEY)
_SET_COLUMNS = ("index", "success", "l0", "linf", "l2", "forwards", "backwards")


@dataclass(frozen=True)
class Pair:
    """One model under one attack.

    arrays: the content of its `reactions` artifact, n images; sets: "attack" and each kind of control → adversarial
    set, in this order.
    """

    model: str
    attack: str
    arrays: Mapping[str, NDArray]
    sets: Mapping[str, Artifact]

    @property
    def perturbations(self) -> list[str]:
        """What images were moved by: "attack" and each kind of control."""
        return list(self.sets)

    @property
    def controls(self) -> list[str]:
        return [name for name in self.sets if name != ATTACK]

    @cached_property
    def rows(self) -> NDArray:
        """The rows (N,) of the images that were attacked: the model classifies them correctly."""
        return np.flatnonzero(~self.arrays["skipped"])

    @cached_property
    def index(self) -> NDArray:
        """The attacked images' numbers (N,) in their split."""
        return self.arrays["index"][self.rows]

    @cached_property
    def success(self) -> NDArray:
        """Whether the attack succeeded on each attacked image, bool (N,)."""
        return self.arrays["success"][self.rows]

    @property
    def measured(self) -> bool:
        """Whether enough images were attacked to measure an effect."""
        return len(self.rows) >= MIN_INPUTS

    @cached_property
    def weights(self) -> NDArray:
        """How often each attacked image is drawn in each resample, (N, R): one draw of images for the whole atlas."""
        return _weights(tuple(self.index.tolist()))

    def values(self, name: str, measure: str) -> NDArray:
        """A measure (N, …) of the attacked images; name: "clean", "attack" or a kind of control."""
        return self.arrays[f"{name}/{measure}"][self.rows]

    def layers(self, of: str) -> list[str]:
        """The layers' names; of: "path_layers", "layers" (responses) or "filter_layers" (saliency)."""
        return [str(layer) for layer in self.arrays[of]]

    def set_columns(self, perturbation: str) -> dict[str, NDArray]:
        """Columns of an adversarial set for the attacked images, L2 and L∞ norms for pixels in [0, 1].

        Raises ValueError where the set is of other images.
        """
        artifact = self.sets[perturbation]
        columns = read_columns(artifact.file(FILE), _SET_COLUMNS)
        if not np.array_equal(columns["index"], self.arrays["index"]):
            raise ValueError(f"{artifact.path} is of other images than its reactions")
        low, high = (to_float(end) for end in artifact.parameters["pixel_range"])
        scaled = {norm: columns[norm] / (high - low) for norm in ("l2", "linf")}
        return {name: values[self.rows] for name, values in {**columns, **scaled}.items()}


@lru_cache(maxsize=16)
def _weights(index: tuple[int, ...]) -> NDArray:
    """The weights of images by their numbers; all attacks on a model are of the same images."""
    return image_weights(image_keys(np.array(index)))


def all_pairs(inputs: Inputs) -> list[Pair]:
    """Every configured model under every configured attack, in this order; LookupError where one is missing."""
    parameters = inputs.parameters
    found = []
    for model in parameters["models"]:
        for attack in parameters["attacks"]:
            role = {"model": model, "attack": attack}
            reactions = inputs.one(name="reactions", **role)
            sets = {ATTACK: inputs.one(name="adversarial_set", **role)}
            sets |= {kind: inputs.one(name="adversarial_set", **role, control=kind) for kind in parameters["controls"]}
            with np.load(reactions.file("reactions.npz")) as content:
                found.append(Pair(model, attack, dict(content), sets))
    return found


def pair_keys(pair: Pair, perturbation: str) -> dict[str, str]:
    """The texts of a row's keys (`PAIR_KEYS`)."""
    return {"model": pair.model, "attack": pair.attack, "perturbation": perturbation}
