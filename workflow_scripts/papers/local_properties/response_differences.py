"""Reading local response differences: Tables 1 to 5, Figures 5 and 9 and the findings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.store.artifact import Artifact

MEASURES = ("maximum", "total")


@dataclass(frozen=True)
class ResponseDifferences:
    """The local response differences in one model between images and their adversarial versions from one set.

    layers: L names; maximum, total: (N, L), the largest and the summed absolute difference of each layer's responses;
    attacked, success: (N,), of the attack on the set's victim; label, predicted_natural, predicted_adversarial: (N,),
    of the model that the responses are from; index: (N,), the images' numbers in their split.
    """

    layers: tuple[str, ...]
    maximum: NDArray
    total: NDArray
    attacked: NDArray
    success: NDArray
    index: NDArray
    label: NDArray
    predicted_natural: NDArray
    predicted_adversarial: NDArray

    def measure(self, name: str) -> NDArray:
        """`maximum` or `total`, (N, L)."""
        return {"maximum": self.maximum, "total": self.total}[name]


def load_response_differences(artifact: Artifact) -> ResponseDifferences:
    """The content of a `responses` artifact."""
    with np.load(artifact.file("responses.npz")) as content:
        plain = {name: content[name] for name in ResponseDifferences.__annotations__ if name in content}
        layers = tuple(str(name) for name in content["layers"])
        return ResponseDifferences(**{**plain, "layers": layers, "attacked": ~content["skipped"]})


def differences_by_seed(inputs: Inputs, **role) -> list[ResponseDifferences]:
    """The response differences of every input in that role, one per training seed, in the order of seeds."""
    items = sorted(inputs.all(name="responses", **role), key=lambda item: item.role["seed"])
    return [load_response_differences(item.artifact) for item in items]


def own_and_transferred(inputs: Inputs, model: str) -> list[tuple[ResponseDifferences, ResponseDifferences, NDArray]]:
    """Per training seed: the differences in `model` under its own PGD examples and under the other model's, and a mask.

    The mask (N,) selects the images that both attacks started from, which are those that both models classify
    correctly. Raises ValueError where the two were not measured on the same images.
    """
    other = "robust" if model == "standard" else "standard"
    pairs = []
    by_victim = [differences_by_seed(inputs, attack="pgd", victim=victim, model=model) for victim in (model, other)]
    for original, transferred in zip(*by_victim, strict=True):
        if not np.array_equal(original.index, transferred.index):
            raise ValueError(f"original and transferred examples in the {model} model come from different images")
        pairs.append((original, transferred, original.attacked & transferred.attacked))
    return pairs


def outcome_masks(differences: ResponseDifferences) -> dict[str, NDArray]:
    """Two masks (N,): the images on which the attack succeeded, and those on which it failed."""
    attacked, success = differences.attacked, differences.success
    return {"successful": attacked & success, "failed": attacked & ~success}
