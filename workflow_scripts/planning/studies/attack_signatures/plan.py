"""The attack_signatures study: all tables, figures and findings of the paper.

| subject | tables | figures | module |
|---|---|---|---|
| victims and attacks | 1, 2, 6 | 2 | victims_and_attacks |
| recognition and reconstruction (REDRL) | 3, 4, 5, quantisation, ablation_differences | 1, 4 | recognition |
| their controls | controls_recognition, controls_reconstruction | | recognition |
| saliency | saliency_depth, saliency_distances | 5 to 15 | saliency |
| its controls | controls_saliency_depth, _distances and _misclassified, controls_input_saliency | | saliency |
"""

from __future__ import annotations

from workflow_scripts.configuration.schema.attack_signatures import AttackSignatures
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.attack_signatures.measurements import DatasetMeasurements
from workflow_scripts.planning.studies.attack_signatures.recognition import publish_recognition
from workflow_scripts.planning.studies.attack_signatures.saliency import publish_saliency
from workflow_scripts.planning.studies.attack_signatures.victims_and_attacks import (
    publish_attack_settings,
    publish_samples,
    publish_victims,
)
from workflow_scripts.planning.studies.network_size import reduced_network_notes
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

STUDY = "attack_signatures"
PAPER_NAMES = {"cifar10": "CIFAR-10", "tiny_imagenet": "Tiny ImageNet"}


def plan_attack_signatures(planner: Planner, study: AttackSignatures) -> None:
    """Add every recipe and publication of the study."""
    datasets = [DatasetMeasurements(planner, study, entry) for entry in study.datasets]
    all_publications = publications_of(datasets)
    publish_victims(datasets, all_publications)
    publish_attack_settings(datasets, all_publications)
    findings_inputs: list[Input] = []
    numbered_figures: set[str] = set()
    for measurements in datasets:
        publications = publications_of([measurements])
        findings_inputs += publish_recognition(measurements, publications)
        saliency, input_saliency = publish_saliency(measurements, publications, numbered_figures)
        publish_samples(measurements, publications, saliency)
        findings_inputs += [*saliency, input_saliency]
    all_publications.findings(findings_inputs)


def publications_of(datasets: list[DatasetMeasurements]) -> Publications:
    """Publications about some of the data sets; renderers are told the names of data sets, victims and classes."""
    planner = datasets[0].planner
    models = planner.configuration.models
    return Publications(
        planner,
        STUDY,
        comparability_notes(datasets),
        papers=[[each.entry.dataset, each.entry.paper] for each in datasets],
        victims=[[each.entry.dataset, list(each.entry.victims)] for each in datasets],
        architectures={name: models[name].architecture for each in datasets for name in each.entry.victims},
        classes=[[name, list(attacks)] for name, attacks in datasets[0].study.classes.items()],
    )


def comparability_notes(datasets: list[DatasetMeasurements]) -> list[str]:
    """Notes on data sets or victims other than those that the published values were measured on."""
    configuration = datasets[0].planner.configuration
    notes = []
    for measurements in datasets:
        source, paper = configuration.datasets[measurements.entry.dataset].source, measurements.entry.paper
        if paper is not None and source != paper:
            notes.append(f"Measured on {source}; the published values are for {PAPER_NAMES[paper]}.")
    victims = [name for measurements in datasets for name in measurements.entry.victims]
    return notes + reduced_network_notes(configuration.models, victims)
