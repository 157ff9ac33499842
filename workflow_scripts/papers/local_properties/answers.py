"""Answers to filtered and frequency-swapped images, as Figures 1 and 6 and the findings read them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.store.artifact import Artifact

TITLES = {"standard": "standard model", "robust": "robust model"}
CURVES = (
    "low_natural",
    "low_adversarial",
    "high_natural",
    "high_adversarial",
    "swapped_natural",
    "swapped_adversarial",
)


@dataclass(frozen=True)
class Answers:
    """radii: (R,) in cycles per image; curves: by name, bool (R, N); attacked: (N,), whether the image was attacked."""

    radii: NDArray
    curves: dict[str, NDArray]
    attacked: NDArray


def load_answers(artifact: Artifact) -> Answers:
    """The content of a `filtered_predictions` artifact."""
    with np.load(artifact.file("filtered_predictions.npz")) as content:
        curves = {name: content[name] for name in CURVES}
        return Answers(content["radii"], curves, ~content["skipped"])
