"""Figure 6: accuracy on high-passed images, of the standard and the robust model."""

from __future__ import annotations

from workflow_scripts.job import Job
from workflow_scripts.publish.figures.accuracy_by_radius import AccuracyPanel, accuracy_by_radius
from workflow_scripts.publish.local_properties.answers import TITLES, load_answers

HIGH = {"natural, high-pass": "high_natural", "adversarial, high-pass": "high_adversarial"}


def figure(job: Job):
    """At radius 0 the images are whole; the line is the accuracy of guessing."""
    panels, chance = [], 1 / job.one(name="dataset").metrics["classes"]
    for model, title in TITLES.items():
        answers = load_answers(job.one(name="frequencies", model=model))
        drawn = {label: answers.curves[name] for label, name in HIGH.items()}
        panels.append(AccuracyPanel(title, answers.radii, drawn, {"chance": chance}))
    return accuracy_by_radius(panels, "radius (cycles/image)")
