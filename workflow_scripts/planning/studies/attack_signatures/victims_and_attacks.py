"""Tables 1, 2 and 6 and Figure 2: the victims, the attacks' settings and examples of their images."""

from __future__ import annotations

from workflow_scripts.planning.studies.attack_signatures.measurements import DatasetMeasurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input


def publish_victims(datasets: list[DatasetMeasurements], publications: Publications) -> None:
    """Table 1: accuracy of the victims on clean test images."""
    planner = datasets[0].planner
    models = planner.configuration.models
    inputs = [
        planner.model(victim, seed).as_input(
            name="model", dataset=each.entry.dataset, victim=victim, seed=seed, checkpoint=models[victim].checkpoint
        )
        for each in datasets
        for victim in each.entry.victims
        for seed in models[victim].seeds
    ]
    publications.table("table_1", "Accuracy of the victims on clean test images.", inputs, renderer="table_1_victims")


def publish_attack_settings(datasets: list[DatasetMeasurements], publications: Publications) -> None:
    """Tables 2 and 6: the attacks' settings; the latter with the effect of every configuration on the test images."""
    study, attacks = datasets[0].study, datasets[0].planner.configuration.attacks
    settings = {}
    for name in (attack for names in study.classes.values() for attack in names):
        entry = attacks[name]
        parameters = entry.model_dump(exclude={"quantisation", "parameters"})
        settings[name] = {**parameters, **getattr(entry, "parameters", {})}
    publications.table(
        "table_2", "Settings of the attacks, by class.", [], renderer="table_2_attack_settings", settings=settings
    )
    robust_accuracies = [each for measurements in datasets for each in measurements.robust_accuracies()]
    publications.table(
        "table_6",
        "Settings of every configuration and its effect on the test images, over all victims: robust accuracy, and the "
        "mean distance of successful adversarial images from the clean ones.",
        robust_accuracies,
        renderer="table_6_attack_configurations",
        settings=settings,
        quantisation=study.quantisation,
    )


def publish_samples(measurements: DatasetMeasurements, publications: Publications, saliency: list[Input]) -> None:
    """Figure 2: adversarial images and perturbations of the paper's victim, ResNeXt-50, or else of the first one.

    `saliency` knows which images are misclassified only after each attack.
    """
    entry, models = measurements.entry, measurements.planner.configuration.models
    resnext = [name for name in entry.victims if models[name].architecture == "resnext50_32x4d"]
    victim = (resnext or entry.victims)[0]
    shards = measurements.shard_inputs([victim], "test", saliency_attacks=True)
    publications.figure(
        f"figure_2_{entry.dataset}",
        f"Adversarial images of {victim} and their perturbations, which are magnified to be visible.",
        [*shards, measurements.dataset, *(each for each in saliency if each.role["victim"] == victim)],
        renderer="figure_2_samples_and_perturbations",
        victim=victim,
        quantisation=measurements.study.quantisation,
    )
