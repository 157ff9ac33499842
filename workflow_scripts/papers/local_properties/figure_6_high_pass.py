"""Figure 6: accuracy on high-pass filtered images, of the standard and the robust model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.filtered_predictions import MODEL_TITLES, load_filtered_predictions
from workflow_scripts.rendering.figures.accuracy_by_radius import AccuracyPanel, accuracy_by_radius

HIGH_PASS = {"natural, high-pass": "high_natural", "adversarial, high-pass": "high_adversarial"}


def figure(inputs: Inputs):
    """At radius 0 the images are unfiltered; the line is the accuracy of guessing."""
    panels, chance = [], 1 / inputs.one(name="dataset").metrics["classes"]
    for model, title in MODEL_TITLES.items():
        predictions = load_filtered_predictions(inputs.one(name="filtered_predictions", model=model))
        series = {label: predictions.correct[name] for label, name in HIGH_PASS.items()}
        panels.append(AccuracyPanel(title, predictions.radii, series, {"chance": chance}))
    return accuracy_by_radius(panels, "radius (cycles/image)")
