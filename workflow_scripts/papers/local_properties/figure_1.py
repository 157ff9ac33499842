"""Figure 1: accuracy on low-passed and on frequency-swapped images, of the standard and the robust model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.answers import TITLES, load_answers
from workflow_scripts.rendering.figures.accuracy_by_radius import AccuracyPanel, accuracy_by_radius

LOW = {"natural, low-pass": "low_natural", "adversarial, low-pass": "low_adversarial"}
SWAPPED = {
    "natural with the adversarial's high frequencies": "swapped_natural",
    "adversarial with the natural's high frequencies": "swapped_adversarial",
}


def figure(inputs: Inputs):
    """Panels as in the paper: filtered, then merged images, of each model; the lines are the unfiltered accuracies."""
    panels = []
    for curves, words in ((LOW, "filtered"), (SWAPPED, "merged")):
        for model, title in TITLES.items():
            answers = load_answers(inputs.one(name="filtered_predictions", model=model))
            whole = {
                "natural accuracy": answers.curves["low_natural"][-1].mean(),
                "robust accuracy": answers.curves["low_adversarial"][-1].mean(),
            }
            drawn = {label: answers.curves[name] for label, name in curves.items()}
            panels.append(AccuracyPanel(f"{words}, {title}", answers.radii, drawn, whole))
    return accuracy_by_radius(panels, "radius (cycles/image)")
