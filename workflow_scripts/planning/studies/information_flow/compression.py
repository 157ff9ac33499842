"""Tables IV, V and VI and Figures 5, 8 and 9 (Q3): the original model and its compressed version."""

from __future__ import annotations

from workflow_scripts.planning.studies.information_flow.captions import BANDS, caption, publish_paths
from workflow_scripts.planning.studies.information_flow.figure_names import figure_names
from workflow_scripts.planning.studies.information_flow.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

FIGURES = {"jsma": "figure_5", "fgsm": "figure_8", "carlini_wagner_l2": "figure_9"}


def publish_compression(measurements: Measurements, publications: Publications) -> list[Input]:
    """The two models, and the adversarial inputs made against each, measured on both.

    Returns what the findings use; empty where no compressed model is configured.
    """
    study = measurements.study
    if study.compressed is None:
        return []
    pair = [study.original, study.compressed]
    roles = {study.original: "original", study.compressed: "compressed"}
    seeds = measurements.seeds(*pair)
    models = [measurements.model(name, seed) for name in pair for seed in seeds]
    publications.table(
        "table_4", "The original model and its compressed version.", models,
        renderer="table_4_compression", roles=roles,
    )  # fmt: skip
    normal = [measurements.normal_paths(model, seed) for model in pair for seed in seeds]
    paths_by_attack = {
        attack: [
            measurements.transfer_paths(model, target, attack, seed, pair)
            for seed in seeds
            for model in pair
            for target in pair
        ]
        for attack in study.model_attacks
    }
    paths = [each for inputs in paths_by_attack.values() for each in inputs]
    publications.table(
        "table_5",
        caption(
            study,
            "Distance, measured on each model, between the aggregated paths of the adversarial inputs made against the "
            "original model and of those made against its compressed version. The 95% bootstrap intervals are those of "
            "the distance between plain means over inputs.",
            seeds,
        ),
        paths,
        renderer="table_5_distances_between_targets",
        information=study.information,
        roles=roles,
    )
    transfers = publish_transfers(measurements, publications, pair, seeds, roles)
    for attack, name in figure_names(measurements, FIGURES, "compression").items():
        publish_paths(
            publications,
            study,
            name,
            f"Aggregated paths of normal inputs and of adversarial inputs by {attack}, made against the model that "
            f"they are measured on (solid) or against the other one (dashed). {BANDS}",
            [each for each in [*normal, *paths_by_attack[attack]] if each.role["seed"] == seeds[0]],
            renderer="figures_4_to_11_aggregated_paths",
            seed=seeds[0],
            models=pair,
        )
    predictions = [measurements.predictions(name, seed) for name in pair for seed in seeds]
    return [*models, *predictions, *normal, *paths, *transfers]


def publish_transfers(
    measurements: Measurements, publications: Publications, pair: list[str], seeds: list[int], roles: dict[str, str]
) -> list[Input]:
    """Table VI: transferability between the two models; returns its inputs."""
    attacks = measurements.study.model_attacks
    transfers = [
        measurements.transfer(model, target, attack, seed, pair)
        for attack in attacks
        for target in pair
        for model in pair
        if model != target
        for seed in seeds
    ]
    adversarial_inputs = [
        measurements.adversarial_inputs(attack, model, seed) for attack in attacks for model in pair for seed in seeds
    ]
    publications.table(
        "table_6",
        "Share of the adversarial inputs that deceive the target model and also deceive the other model. Inputs that "
        "the other model misclassifies before the attack are excluded.",
        [*transfers, *adversarial_inputs],
        renderer="table_6_transferability",
        roles=roles,
    )
    return [*transfers, *adversarial_inputs]
