"""Measurements of the study's artifacts, as its tables, figures and findings read them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.store.artifact import Artifact

MEASURES = ("maximum", "total")


@dataclass(frozen=True)
class Responses:
    """Response differences of one adversarial set in one model.

    layers: L names; maximum, total: (N, L); attacked, success: (N,), of the set's victim; label, predicted_natural,
    predicted_adversarial: (N,), of the measured model; index: (N,), the images' places in their split.
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


def load_responses(artifact: Artifact) -> Responses:
    """The content of a `responses` artifact."""
    with np.load(artifact.file("responses.npz")) as content:
        plain = {name: content[name] for name in Responses.__annotations__ if name in content}
        layers = tuple(str(name) for name in content["layers"])
        return Responses(**{**plain, "layers": layers, "attacked": ~content["skipped"]})


def responses_of(inputs: Inputs, **role) -> list[Responses]:
    """Response differences of every input in that role, a training seed each, in the order of seeds."""
    found = sorted(inputs.all(name="responses", **role), key=lambda item: item.role["seed"])
    return [load_responses(item.artifact) for item in found]


def own_and_transferred(inputs: Inputs, model: str) -> list[tuple[Responses, Responses, NDArray]]:
    """By seed: differences in `model` of its own PGD examples and of the other model's, and the pairs to compare.

    Compared are the images that both attacks started from, which are those that both models get right. ValueError
    where the two were not measured on the same images.
    """
    other = "robust" if model == "standard" else "standard"
    pairs = []
    own = responses_of(inputs, attack="pgd", victim=model, model=model)
    for mine, theirs in zip(own, responses_of(inputs, attack="pgd", victim=other, model=model), strict=True):
        if not np.array_equal(mine.index, theirs.index):
            raise ValueError(f"original and transferred examples in the {model} model are of different images")
        pairs.append((mine, theirs, mine.attacked & theirs.attacked))
    return pairs


def outcomes(measured: Responses) -> dict[str, NDArray]:
    """Which of the attacked pairs succeeded and which failed: two masks (N,)."""
    return {"successful": measured.attacked & measured.success, "failed": measured.attacked & ~measured.success}
