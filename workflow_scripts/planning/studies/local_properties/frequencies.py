"""Figures 1, 2 and 6: filtered and frequency-swapped images, and amplitude spectra."""

from __future__ import annotations

from workflow_scripts.planning.studies.local_properties.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications


def publish_frequencies(measurements: Measurements, publications: Publications) -> None:
    """Plan the figures, of the first training of each model."""
    predictions = [each for each in measurements.filtered_predictions() if each.role["seed"] == measurements.first_seed]
    publications.figure(
        "figure_1",
        "Accuracy on low-pass filtered and on frequency-swapped images, by the radius that separates low from high "
        "frequencies, with Wilson's 95% intervals over images.",
        predictions,
        renderer="figure_1_low_pass_and_frequency_swap",
    )
    publications.figure(
        "figure_2",
        "Average logarithmic amplitude spectra of natural images and of the adversarial examples made against each "
        "model, and their differences. Frequency zero is at the centre.",
        measurements.spectra(),
        renderer="figure_2_amplitude_spectra",
    )
    publications.figure(
        "figure_6",
        "Accuracy on high-pass filtered images, by the radius below which frequencies are removed, with Wilson's 95% "
        "intervals over images.",
        [*predictions, measurements.dataset.as_input(name="dataset")],
        renderer="figure_6_high_pass",
    )
