"""Reading the predictions for filtered and frequency-swapped images: Figures 1 and 6 and the findings."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.store.artifact import Artifact

MODEL_TITLES = {"standard": "standard model", "robust": "robust model"}
CURVES = (
    "low_natural",
    "low_adversarial",
    "high_natural",
    "high_adversarial",
    "swapped_natural",
    "swapped_adversarial",
)


@dataclass(frozen=True)
class FilteredPredictions:
    """radii: (R,) in cycles per image; index: (N,), the images' numbers in their split; correct: by curve, bool (R, N),
    whether each image's prediction is correct."""

    radii: NDArray
    index: NDArray
    correct: dict[str, NDArray]

    def curve(self, name: str) -> NDArray:
        """One curve's predictions, float (R, N): 1 where the prediction is correct."""
        return self.correct[name].astype(float)


def load_filtered_predictions(artifact: Artifact) -> FilteredPredictions:
    """The content of a `filtered_predictions` artifact."""
    with np.load(artifact.file("filtered_predictions.npz")) as content:
        return FilteredPredictions(content["radii"], content["index"], {name: content[name] for name in CURVES})
