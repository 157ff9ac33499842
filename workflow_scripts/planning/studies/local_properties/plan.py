"""The local_properties study: all tables, figures and findings of the paper.

| subject | tables | figures | module |
|---|---|---|---|
| local response differences | 1 to 5, robustness | | response_differences |
| frequencies | | 1, 2, 6 | frequencies |
| perturbations and the kernels' responses to them | | 3, 4, 7, 8 | perturbations |
| kernel smoothness by weight decay | | 5, 9 | weight_decay_sweep |
| attacks beside their controls | controls_… | controls_… | controls |
| trainings | | learning curves | plan |
"""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.configuration.schema.local_properties import LocalProperties
from workflow_scripts.planning.controls import controls_of
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.local_properties.controls import publish_controls
from workflow_scripts.planning.studies.local_properties.frequencies import publish_frequencies
from workflow_scripts.planning.studies.local_properties.measurements import ATTACKS, ROLES, Measurements
from workflow_scripts.planning.studies.local_properties.perturbations import publish_perturbations
from workflow_scripts.planning.studies.local_properties.response_differences import publish_response_differences
from workflow_scripts.planning.studies.local_properties.weight_decay_sweep import (
    publish_sweep,
    sweep_measurements,
    with_sweep_models,
)
from workflow_scripts.planning.studies.network_size import reduced_network_notes
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

STUDY = "local_properties"
PAPERS = ("resnet18", "cifar10")
"""The models' architecture, and the data set, in the paper."""


def plan_local_properties(planner: Planner, study: LocalProperties) -> None:
    """Add every recipe and publication of the study."""
    if study.sweep is not None:
        planner.configuration = with_sweep_models(planner.configuration, study.sweep)
    measurements = Measurements(planner, study)
    publications = Publications(
        planner,
        STUDY,
        comparability_notes(planner, study),
        like_paper=is_like_paper(planner, study),
        remarks=[trainings_note(measurements.seeds)],
    )
    publish_response_differences(measurements, publications)
    publish_frequencies(measurements, publications)
    publish_perturbations(measurements, publications)
    publish_learning_curves(measurements, publications)
    sweep = [] if study.sweep is None else sweep_measurements(planner, study, study.sweep)
    if sweep:
        publish_sweep(publications, sweep)
    measured = findings_inputs(measurements, sweep)
    controls = controls_of(planner, measured, study.controls)
    publish_controls(measurements, publications, controls)
    publications.findings(measured, controls)


def is_like_paper(planner: Planner, study: LocalProperties) -> bool:
    """Whether both models have the paper's architecture, on the paper's data set."""
    entries = [planner.configuration.models[name] for name in (study.standard, study.robust)]
    sources = planner.configuration.datasets
    return all((entry.architecture, sources[entry.dataset].source) == PAPERS for entry in entries)


def comparability_notes(planner: Planner, study: LocalProperties) -> list[str]:
    """Notes on a data set or on networks other than those that the published values were measured on."""
    models = planner.configuration.models
    source = planner.configuration.datasets[models[study.robust].dataset].source
    notes = [] if source == "cifar10" else [f"Measured on {source}; the published values are for CIFAR-10."]
    return notes + reduced_network_notes(models, [study.standard, study.robust])


def trainings_note(seeds: Sequence[int]) -> str:
    """What the numbers and verdicts are about: one training of each model, or several."""
    if len(seeds) == 1:
        return "Each model was trained once: numbers, intervals and verdicts are about this training, not its recipe."
    return (
        f"Each model was trained {len(seeds)} times; kernels, kernel responses and spectra are those of the first "
        "training. Intervals are about these trainings."
    )


def publish_learning_curves(measurements: Measurements, publications: Publications) -> None:
    """The learning curves of both models, where they are trained here."""
    for role in ROLES:
        name, seed = measurements.models[role], measurements.first_seed
        if measurements.planner.configuration.models[name].training is not None:
            trained = measurements.model(role, seed)
            publications.learning_curve(name, seed, trained, adversarial=role == "robust")


def findings_inputs(measurements: Measurements, sweep: list[Input]) -> list[Input]:
    """Everything that the study measures."""
    return [
        *measurements.adversarial_sets(),
        *measurements.all_responses(ATTACKS, own=True),
        *measurements.all_responses(("pgd",), own=False),
        *measurements.filtered_predictions(),
        *measurements.spectra(),
        *measurements.kernel_statistics(),
        measurements.kernel_responses(),
        measurements.model("robust", measurements.first_seed),
        *sweep,
        measurements.dataset.as_input(name="dataset"),
    ]
