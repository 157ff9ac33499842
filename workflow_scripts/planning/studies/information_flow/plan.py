"""The information_flow study: all tables, figures and findings of the paper.

| questions | tables | figures | module |
|---|---|---|---|
| attacks | II, VIII | 1 | adversarial_inputs |
| Q1, Q2: information paths | III | 3, 4 | information_paths |
| Q3: compression | IV, V, VI | 5, 8, 9 | compression |
| Q4: distillation | distillation | 6 | distillation |
| Q5: transferability | IX, transferability | 7, 10, 11 | transferability |
| architectures | VII, X | learning curves | models |
| chance, choice of images | controls_… | controls_… | controls |
"""

from __future__ import annotations

from workflow_scripts.configuration.schema.studies import InformationFlow
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.information_flow.adversarial_inputs import publish_adversarial_inputs
from workflow_scripts.planning.studies.information_flow.compression import publish_compression
from workflow_scripts.planning.studies.information_flow.controls import publish_controls
from workflow_scripts.planning.studies.information_flow.distillation import publish_distillation
from workflow_scripts.planning.studies.information_flow.information_paths import (
    publish_information_paths,
    publish_trajectories,
)
from workflow_scripts.planning.studies.information_flow.measurements import Measurements
from workflow_scripts.planning.studies.information_flow.models import publish_models
from workflow_scripts.planning.studies.information_flow.transferability import publish_transferability
from workflow_scripts.planning.studies.network_size import reduced_network_notes
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

STUDY = "information_flow"
PAPERS = ("good_init", "cifar10")
"""The original model's architecture, and the data set, in the paper."""


def plan_information_flow(planner: Planner, study: InformationFlow) -> None:
    """Add every recipe and publication of the study."""
    measurements = Measurements(planner, study)
    publications = Publications(
        planner, STUDY, comparability_notes(planner, study), like_paper=is_like_paper(planner, study)
    )
    numbered = [
        *publish_adversarial_inputs(measurements, publications),
        *publish_information_paths(measurements, publications),
        *publish_trajectories(measurements, publications),
        *publish_compression(measurements, publications),
        *publish_distillation(measurements, publications),
        *publish_transferability(measurements, publications),
    ]
    controls, twins = publish_controls(measurements, publications, distinct(numbered))
    publish_models(measurements, publications)
    publications.findings(distinct([*numbered, *controls]), twins, information=study.information, **study_roles(study))


def distinct(inputs: list[Input]) -> list[Input]:
    """The inputs without repetitions of one artifact in one role, in their order."""
    return list({(each.folder, str(sorted(each.role.items()))): each for each in inputs}.values())


def study_roles(study: InformationFlow) -> dict:
    """The models and attacks that play the paper's roles in the findings."""
    defence = study.distillation
    return {
        "original": study.original,
        "compressed": study.compressed,
        "distilled": None if defence is None else defence.model,
        "regular": None if defence is None else defence.regular,
        "adaptive": None if defence is None else defence.adaptive,
        "models": study.models,
        "path_attacks": study.path_attacks,
    }


def is_like_paper(planner: Planner, study: InformationFlow) -> bool:
    """Whether the original model is the paper's architecture on the paper's data set."""
    original = planner.configuration.models[study.original]
    return (original.architecture, planner.configuration.datasets[original.dataset].source) == PAPERS


def comparability_notes(planner: Planner, study: InformationFlow) -> list[str]:
    """Notes on a data set or on networks other than those that the published values were measured on."""
    configuration = planner.configuration
    datasets = dict.fromkeys(configuration.models[name].dataset for name in (study.original, *study.models))
    sources = [configuration.datasets[name].source for name in datasets]
    notes = []
    if sources != ["cifar10"]:
        notes.append(f"Measured on {', '.join(sources)}; the published values are for CIFAR-10.")
    distilled = study.distillation and study.distillation.model
    compared = [study.original, study.compressed, distilled, *study.models]
    return notes + reduced_network_notes(configuration.models, [name for name in compared if name])
