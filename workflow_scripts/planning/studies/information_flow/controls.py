"""Tables and figures `controls_…`: the paths beside what chance, the choice of images and the clean images explain."""

from __future__ import annotations

from dataclasses import replace

from workflow_scripts.configuration.schema.studies import InformationFlow
from workflow_scripts.planning.controls import controls_of
from workflow_scripts.planning.studies.information_flow.captions import caption
from workflow_scripts.planning.studies.information_flow.information_paths import step_name
from workflow_scripts.planning.studies.information_flow.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input


def publish_controls(
    measurements: Measurements, publications: Publications, paths: list[Input]
) -> tuple[list[Input], list[Input]]:
    """Plan the controls; `paths` are the other tables' inputs.

    Returns what the findings use beside those, and the measurements of control perturbations.
    """
    study = measurements.study
    seeds = measurements.seeds(study.original)
    attacked = attacked_paths(measurements)
    compared = [each for each in paths if each.role.get("subset") in ("all", "success", "common")]
    measured = [*attacked, *(each for each in compared if each.role["subset"] == "common")]
    trainings = dict.fromkeys((each.role["model"], each.role["seed"]) for each in measured)
    clean = [measurements.clean_paths(model, seed) for model, seed in trainings]
    sets = [
        measurements.adversarial_inputs(attack, study.original, seed) for seed in seeds for attack in study.path_attacks
    ]
    beside = [*sets, *(each for each in attacked if has_controls(study, each))]
    twins = controls_of(measurements.planner, beside, study.controls)
    publications.control_sets(sets, twins)
    measured_twins = [each for each in twins if each.role["name"] == "aggregated_paths"]
    publish_shifts(measurements, publications, attacked, measured_twins, clean)
    publications.table(
        "controls_path_distances",
        caption(study, "The distances of Tables 3, 5 and 9, and what of them chance and the choice of images explain.",
                seeds),
        [*compared, *clean],
        renderer="table_controls_path_distances",
        original=study.original,
    )  # fmt: skip
    sensitivity = measurements.path_sensitivity(seeds[0])
    publications.figure(
        "controls_buckets",
        f"Do signs depend on the choices of the measurement? The mean over layers of the path of an adversarial input "
        "minus that of its own clean image, by the number of buckets and the side to which larger maps are pooled, of "
        f"at most {study.sensitivity.images} successes of each attack in this training. Bars are 95% percentile "
        "bootstraps over images.",
        [sensitivity],
        renderer="figure_controls_buckets",
    )
    return [*attacked, *clean], [*twins, *publish_random_walks(measurements, publications)]


def publish_random_walks(measurements: Measurements, publications: Publications) -> list[Input]:
    """Figure 3's control: the paths of random walks with the attacks' steps; a figure of the first attack's."""
    study = measurements.study
    seed = measurements.seeds(study.original)[0]
    walks = [measurements.random_walk_paths(attack, seed) for attack in study.trajectory.attacks]
    first = study.trajectory.attacks[0]
    publications.figure(
        "controls_random_walk",
        caption(
            study,
            f"Control of Figure 3: the same image under the steps of {first} with the pixels of each step in a random "
            "order, and the deviation of the paths of every followed input.",
            [seed],
        ),
        [replace(walks[0], role={key: value for key, value in walks[0].role.items() if key != "control"})],
        renderer="figure_3_attack_trajectory",
        information=study.information,
        step=step_name(measurements, first),
    )
    return walks


def attacked_paths(measurements: Measurements) -> list[Input]:
    """Normal and attacked inputs, successful or not, of every attack on the original and on the distilled model."""
    study = measurements.study
    attacks = {study.original: list(study.attacks)}
    if study.distillation is not None:
        defence = study.distillation
        chosen = attacks.setdefault(defence.model, [])
        chosen += [name for name in (defence.regular, defence.adaptive, *defence.others) if name not in chosen]
    inputs = []
    for model, names in attacks.items():
        for seed in measurements.seeds(model):
            inputs.append(measurements.normal_paths(model, seed))
            inputs += [
                measurements.adversarial_paths(model, attack, seed, subset)
                for attack in names
                for subset in ("attacked", "success")
            ]
    return inputs


def has_controls(study: InformationFlow, each: Input) -> bool:
    """Whether control perturbations are measured beside this input: those of the attacks of Table III."""
    return each.role["model"] == study.original and each.role["attack"] in study.path_attacks


def publish_shifts(
    measurements: Measurements,
    publications: Publications,
    attacked: list[Input],
    twins: list[Input],
    clean: list[Input],
) -> None:
    """The paired shifts as a table, mean over layers, and by layer as a figure of the original model."""
    study = measurements.study
    seeds = measurements.seeds(study.original)
    models = {each.role["model"] for each in attacked}
    publications.table(
        "controls_paired_shifts",
        caption(study, "How far each attack shifts the path of an image from that of the clean image itself.", seeds),
        [*attacked, *twins, *(each for each in clean if each.role["model"] in models)],
        renderer="table_controls_paired_shifts",
    )
    successes = [each for each in attacked if each.role["model"] == study.original and each.role["subset"] == "success"]
    publications.figure(
        "controls_paired_shifts",
        caption(
            study,
            "The path of an adversarial input minus that of the clean image that it was made from, by layer: the "
            "plug-in estimate, the part that is expected when the positions of maps are permuted at random, and their "
            "difference. Bands are 95% percentile bootstraps over images, one draw of images for all trainings.",
            seeds,
            "plug_in",
        ),
        [*successes, *(each for each in clean if each.role["model"] == study.original)],
        renderer="figure_controls_paired_shifts",
    )
