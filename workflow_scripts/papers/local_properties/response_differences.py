"""Reading local response differences: Tables 1 to 5, Figures 5 and 9 and the findings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.store.artifact import Artifact

MEASURES = ("maximum", "total", "relative")
"""The paper's two measures, and beside them the difference relative to the response, which the layer's scale leaves
unchanged."""


@dataclass(frozen=True)
class ResponseDifferences:
    """The local response differences in one model between images and their adversarial versions from one set.

    layers: L names; maximum, total: (N, L), the largest and the summed absolute difference of each layer's responses;
    relative: (N, L), its norm divided by that of the response, NaN where the response is zero;
    attacked, right, success: (N,), of the set's victim: whether the image was attacked, was classified correctly before
    the attack, and was turned by it; label, predicted_natural, predicted_adversarial: (N,), of the model that the
    responses are from; index: (N,), the images' numbers in their split.
    """

    layers: tuple[str, ...]
    maximum: NDArray
    total: NDArray
    relative: NDArray
    attacked: NDArray
    right: NDArray
    success: NDArray
    index: NDArray
    label: NDArray
    predicted_natural: NDArray
    predicted_adversarial: NDArray

    def measure(self, name: str) -> NDArray:
        """One of MEASURES, (N, L)."""
        return {"maximum": self.maximum, "total": self.total, "relative": self.relative}[name]


def load_response_differences(artifact: Artifact) -> ResponseDifferences:
    """The content of a `responses` artifact."""
    with np.load(artifact.file("responses.npz")) as content:
        plain = {name: content[name] for name in ResponseDifferences.__annotations__ if name in content}
        layers = tuple(str(name) for name in content["layers"])
        right = content["predicted_before"] == content["label"]
        return ResponseDifferences(**{**plain, "layers": layers, "attacked": ~content["skipped"], "right": right})


def differences_by_seed(inputs: Inputs, **role) -> list[ResponseDifferences]:
    """The response differences of every input in that role, one per training seed, in the order of seeds."""
    items = sorted(inputs.all(name="responses", **role), key=lambda item: item.role["seed"])
    return [load_response_differences(item.artifact) for item in items]


def own_and_transferred(inputs: Inputs, model: str) -> list[tuple[ResponseDifferences, ResponseDifferences, NDArray]]:
    """Per training seed: the differences in `model` under its own PGD examples and under the other model's, and a mask.

    The mask (N,) is that of `common_images`.
    """
    other = "robust" if model == "standard" else "standard"
    by_victim = [differences_by_seed(inputs, attack="pgd", victim=victim, model=model) for victim in (model, other)]
    return [(own, theirs, common_images(own, theirs)) for own, theirs in zip(*by_victim, strict=True)]


def standard_and_robust(inputs: Inputs) -> list[tuple[ResponseDifferences, ResponseDifferences, NDArray]]:
    """Per training seed: the differences in each model under its own PGD examples, and the mask of `common_images`."""
    by_model = [differences_by_seed(inputs, attack="pgd", victim=m, model=m) for m in ("standard", "robust")]
    return [(standard, robust, common_images(standard, robust)) for standard, robust in zip(*by_model, strict=True)]


def common_images(first: ResponseDifferences, second: ResponseDifferences) -> NDArray:
    """The mask (N,) of the images that both sets attacked: the images of Tables 1, 3 and 5.

    Raises ValueError where the two were not measured on the same images.
    """
    if not np.array_equal(first.index, second.index):
        raise ValueError("response differences that are compared come from different images")
    return first.attacked & second.attacked


def outcome_masks(differences: ResponseDifferences) -> dict[str, NDArray]:
    """Two masks (N,) of images that were classified correctly: those that the attack turned, and those it did not."""
    right, success = differences.right, differences.success
    return {"successful": right & success, "failed": right & ~success}
