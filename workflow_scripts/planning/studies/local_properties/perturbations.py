"""Figures 3, 7 and 8: perturbations in the pixel domain; Figure 4: the responses of kernels to perturbations."""

from __future__ import annotations

from workflow_scripts.planning.studies.local_properties.measurements import ROLES, Measurements
from workflow_scripts.planning.studies.publications import Publications

FIGURES = {
    "figure_3": ("pgd", "success", "that deceive both models"),
    "figure_7": ("fgsm", "success", "that deceive both models"),
    "figure_8": ("pgd", "failure", "that do not deceive the robust model"),
}
"""Figure → the attack, the outcome of the examples shown, and the outcome in words."""


def publish_perturbations(measurements: Measurements, publications: Publications) -> None:
    """Plan the figures, of the first training of each model."""
    dataset, seed = measurements.dataset.as_input(name="dataset"), measurements.first_seed
    for name, (attack, outcome, words) in FIGURES.items():
        sets = [
            measurements.adversarial_set(attack, victim, seed).as_input(name="adversarial_set", victim=victim)
            for victim in ROLES
        ]
        publications.figure(
            name,
            f"Adversarial examples by {attack.upper()} {words}, and their perturbations: all channels together, the "
            "channels' mean, and each channel.",
            [*sets, dataset],
            renderer="figures_3_7_8_perturbations",
            columns=measurements.study.example_images,
            outcome=outcome,
        )
    publications.figure(
        "figure_4",
        "Responses of first-layer kernels of both models, each scaled to unit gain, to perturbations made against the "
        "standard and the robust model.",
        [measurements.kernel_responses()],
        renderer="figure_4_kernel_responses",
    )
