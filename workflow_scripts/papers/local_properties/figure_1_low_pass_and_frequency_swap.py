"""Figure 1: accuracy on low-pass filtered and on frequency-swapped images, of the standard and the robust model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.filtered_predictions import MODEL_TITLES, load_filtered_predictions
from workflow_scripts.rendering.figures.accuracy_by_radius import AccuracyPanel, accuracy_by_radius

LOW_PASS = {"natural, low-pass": "low_natural", "adversarial, low-pass": "low_adversarial"}
FREQUENCY_SWAP = {
    "natural with the adversarial's high frequencies": "swapped_natural",
    "adversarial with the natural's high frequencies": "swapped_adversarial",
}


def figure(inputs: Inputs):
    """Panels as in the paper: filtered, then merged images, of each model; the lines are the unfiltered accuracies."""
    panels = []
    for curves, words in ((LOW_PASS, "filtered"), (FREQUENCY_SWAP, "merged")):
        for model, title in MODEL_TITLES.items():
            predictions = load_filtered_predictions(inputs.one(name="filtered_predictions", model=model))
            unfiltered = {
                "natural accuracy": predictions.correct["low_natural"][-1].mean(),
                "robust accuracy": predictions.correct["low_adversarial"][-1].mean(),
            }
            series = {label: predictions.correct[name] for label, name in curves.items()}
            panels.append(AccuracyPanel(f"{words}, {title}", predictions.radii, series, unfiltered))
    return accuracy_by_radius(panels, "radius (cycles/image)")
