"""Figure 1 beside its control: accuracy on low-pass filtered images, natural, attacked, and moved without direction."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.control_measurements import controls_measured
from workflow_scripts.papers.local_properties.filtered_predictions import MODEL_TITLES, load_filtered_predictions
from workflow_scripts.rendering.figures.accuracy_by_radius import AccuracyPanel, accuracy_by_radius


def figure(inputs: Inputs):
    """One panel per model. How much of a filter's gain is the attack's is the distance between the last two curves."""
    panels = []
    for model, title in MODEL_TITLES.items():
        predictions = load_filtered_predictions(inputs.one(name="filtered_predictions", model=model))
        series = {
            "natural, low-pass": predictions.correct["low_natural"],
            "adversarial, low-pass": predictions.correct["low_adversarial"],
        }
        for kind, measured in controls_measured(inputs, {"name": "filtered_predictions", "model": model}).items():
            series[f"{kind}, low-pass"] = load_filtered_predictions(measured).correct["low_adversarial"]
        panels.append(AccuracyPanel(title, predictions.radii, series))
    return accuracy_by_radius(panels, "radius (cycles/image)")
