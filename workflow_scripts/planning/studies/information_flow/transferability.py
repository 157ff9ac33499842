"""Table IX and Figures 7, 10 and 11 (Q5): adversarial inputs made against each model, measured on every model."""

from __future__ import annotations

from workflow_scripts.planning.studies.information_flow.captions import BANDS, caption, publish_paths
from workflow_scripts.planning.studies.information_flow.figure_names import figure_names
from workflow_scripts.planning.studies.information_flow.measurements import NORMAL, Measurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

FIGURES = {"jsma": "figure_7", "fgsm": "figure_10", "carlini_wagner_l2": "figure_11"}


def publish_transferability(measurements: Measurements, publications: Publications) -> list[Input]:
    """Plan the tables and figures; returns what the findings use, nothing with fewer than two models."""
    study = measurements.study
    models = study.models
    seeds = measurements.seeds(*models)
    if len(models) < 2 or not seeds:
        return []
    normal = [measurements.normal_paths(model, seed) for model in models for seed in seeds]
    common = {
        attack: [
            measurements.transfer_paths(model, target, attack, seed, models, subset="common")
            for seed in seeds
            for model in models
            for target in models
        ]
        for attack in study.model_attacks
    }
    by_outcome = [
        measurements.transfer_paths(model, target, attack, seed, models, subset=subset)
        for attack in study.model_attacks
        for seed in seeds
        for model in models
        for target in models
        if target != model
        for subset in ("transferred", "stopped")
    ]
    publish_tables(measurements, publications, normal, common, by_outcome)
    publish_figures(measurements, publications, normal, common, by_outcome, seeds[0])
    return [*normal, *(each for inputs in common.values() for each in inputs), *by_outcome]


def publish_tables(
    measurements: Measurements, publications: Publications, normal: list, common: dict, by_outcome: list
) -> None:
    """Table IX (the paper: JSMA), the same for every other attack, and transferred against stopped inputs."""
    study, attacks = measurements.study, measurements.planner.configuration.attacks
    seeds = measurements.seeds(*study.models)
    jsma = next((attack for attack in common if attacks[attack].attack == "jsma"), next(iter(common)))
    for attack, paths in common.items():
        publications.table(
            "table_9" if attack == jsma else f"table_9_{attack}",
            caption(
                study,
                "Distance between the aggregated OIPs of normal inputs and of the adversarial inputs that succeed "
                "against every model, by the model that they were made against (target) and the model that they are "
                f"measured on (inference). Attack: {attack}.",
                seeds,
            ),
            [*normal, *paths],
            renderer="table_9_distances_across_models",
            information=study.information,
        )
    publications.table(
        "transferability",
        caption(
            study,
            "Distance between the aggregated OIPs of normal inputs and of adversarial inputs that succeed against the "
            "target model and whose images succeed against every model, by whether they also deceive the inference "
            "model (transferred) or not (stopped).",
            seeds,
        ),
        [*normal, *by_outcome],
        renderer="table_transferability",
        information=study.information,
    )


def publish_figures(
    measurements: Measurements, publications: Publications, normal: list, common: dict, by_outcome: list, seed: int
) -> None:
    """Figures 7, 10 and 11, and beside each the transferred and the stopped inputs, of one training seed."""
    models = measurements.study.models
    for attack, name in figure_names(measurements, FIGURES, "models").items():
        publish_paths(
            publications,
            measurements.study,
            name,
            f"Aggregated paths of normal inputs and of adversarial inputs by {attack} that succeed against every "
            f"model, by the model that they were made against. {BANDS}",
            [each for each in [*normal, *common[attack]] if each.role["seed"] == seed],
            renderer="figures_4_to_11_aggregated_paths",
            seed=seed,
            models=models,
        )
        publish_paths(
            publications,
            measurements.study,
            f"transferability_{attack}",
            f"Aggregated paths of normal inputs and of those adversarial inputs by {attack} that were made against "
            "another model, by whether they also deceive the model that they are measured on (transferred) or not "
            f"(stopped). Groups of fewer than ten inputs are not drawn. {BANDS}",
            [
                each
                for each in [*normal, *by_outcome]
                if each.role["seed"] == seed and each.role["attack"] in (NORMAL, attack)
            ],
            renderer="figure_transferability",
            seed=seed,
            models=models,
        )
