"""Figure 6: accuracy on high-passed images, of the standard and the robust model."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.answers import TITLES, load_answers
from workflow_scripts.rendering.figures.accuracy_by_radius import AccuracyPanel, accuracy_by_radius

HIGH = {"natural, high-pass": "high_natural", "adversarial, high-pass": "high_adversarial"}


def figure(inputs: Inputs):
    """At radius 0 the images are whole; the line is the accuracy of guessing."""
    panels, chance = [], 1 / inputs.one(name="dataset").metrics["classes"]
    for model, title in TITLES.items():
        answers = load_answers(inputs.one(name="filtered_predictions", model=model))
        drawn = {label: answers.curves[name] for label, name in HIGH.items()}
        panels.append(AccuracyPanel(title, answers.radii, drawn, {"chance": chance}))
    return accuracy_by_radius(panels, "radius (cycles/image)")
