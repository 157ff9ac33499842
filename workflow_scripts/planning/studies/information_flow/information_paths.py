"""Table III and Figures 3 and 4 (Q1, Q2): information paths of normal, intermediate and adversarial inputs."""

from __future__ import annotations

from workflow_scripts.planning.studies.information_flow.captions import BANDS, caption, publish_paths
from workflow_scripts.planning.studies.information_flow.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input


def publish_information_paths(measurements: Measurements, publications: Publications) -> list[Input]:
    """Table III and Figure 4: aggregated paths of normal inputs and of each attack's successful inputs."""
    study = measurements.study
    inputs = []
    for seed in measurements.seeds(study.original):
        inputs.append(measurements.normal_paths(study.original, seed))
        inputs += [measurements.adversarial_paths(study.original, attack, seed) for attack in study.path_attacks]
    publications.table(
        "table_3",
        caption(
            study,
            "Distance between the aggregated paths of normal inputs and of the adversarial inputs of each attack. The "
            "95% bootstrap intervals are those of the distance between plain means over inputs.",
            measurements.seeds(study.original),
        ),
        inputs,
        renderer="table_3_path_distances",
        information=study.information,
    )
    first_seed = measurements.seeds(study.original)[0]
    publish_paths(
        publications,
        study,
        "figure_4",
        f"Aggregated input and output information paths and their contrast. {BANDS}",
        [each for each in inputs if each.role["seed"] == first_seed],
        renderer="figures_4_to_11_aggregated_paths",
        seed=first_seed,
        models=[study.original],
    )
    return inputs


def publish_trajectories(measurements: Measurements, publications: Publications) -> list[Input]:
    """Figure 3: the information paths of the intermediate inputs while an attack crafts an adversarial input."""
    study = measurements.study
    seed = measurements.seeds(study.original)[0]
    trajectories = []
    for attack in study.trajectory.attacks:
        trajectories.append(measurements.trajectory_paths(attack, seed))
        publish_paths(
            publications,
            study,
            "figure_3" if attack == study.trajectory.attacks[0] else f"figure_3_{attack}",
            f"The information paths of one input while {attack} crafts its adversarial version, and the deviation of "
            f"the paths of every followed input (at most {study.trajectory.inputs}).",
            trajectories[-1:],
            renderer="figure_3_attack_trajectory",
            seed=seed,
            step=step_name(measurements, attack),
        )
    return trajectories


def step_name(measurements: Measurements, attack: str) -> str:
    """What the iterations of a trajectory count.

    A refining attack records an input only when it finds a better one, not at every iteration.
    """
    refines = getattr(measurements.planner.configuration.attacks[attack], "refine", False)
    return "improvement" if refines else "attack iteration"
