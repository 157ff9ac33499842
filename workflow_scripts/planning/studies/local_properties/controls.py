"""The study's tables and figures beside their controls."""

from __future__ import annotations

from workflow_scripts.planning.studies.local_properties.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input


def publish_controls(measurements: Measurements, publications: Publications, controls: list[Input]) -> None:
    """Plan them, of the measurements that have a control; nothing where the study has none."""
    if not controls:
        return

    def both(name: str, measured: list[Input]) -> list[Input]:
        return [*measured, *(each for each in controls if each.role["name"] == name)]

    first = [each for each in controls if each.role.get("seed") == measurements.first_seed]
    publications.control_sets(measurements.adversarial_sets(), controls)
    own = measurements.all_responses(("pgd", "fgsm"), own=True)
    publications.table(
        "controls_responses",
        "Response differences of attacks over those of their controls, in each layer, with 95% bootstrap intervals "
        "over the images that the attack started from: 1 is what a perturbation of this size does anyhow.",
        both("responses", [*own, *measurements.all_responses(("pgd",), own=False)]),
        renderer="controls_responses",
    )
    predictions = [each for each in measurements.filtered_predictions() if each.role["seed"] == measurements.first_seed]
    publications.figure(
        "controls_low_pass",
        "Accuracy on low-pass filtered images, by the filter's radius: natural, adversarial, and control images, with "
        "95% intervals.",
        [*predictions, *(each for each in first if each.role["name"] == "filtered_predictions")],
        renderer="controls_low_pass",
    )
    publications.figure(
        "controls_spectra",
        "Surplus of logarithmic amplitude over natural images, by spatial frequency, of adversarial and of control "
        "images: mean over images with 95% intervals.",
        both("spectra", measurements.spectra()),
        renderer="controls_spectra",
    )
