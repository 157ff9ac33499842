"""Figure 6 and the numbers of Q4: regular and adaptive attacks on the distilled model."""

from __future__ import annotations

from workflow_scripts.planning.studies.information_flow.captions import BANDS, caption, publish_paths
from workflow_scripts.planning.studies.information_flow.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input


def publish_distillation(measurements: Measurements, publications: Publications) -> list[Input]:
    """Plan the table and the figure; returns what the findings use, nothing where no distilled model is configured."""
    defence = measurements.study.distillation
    if defence is None:
        return []
    seeds = measurements.seeds(defence.model)
    attacks = list(dict.fromkeys([defence.regular, defence.adaptive, *defence.others]))
    paths = [measurements.normal_paths(defence.model, seed) for seed in seeds]
    paths += [
        measurements.adversarial_paths(defence.model, attack, seed, subset="attacked")
        for attack in attacks
        for seed in seeds
    ]
    adversarial_inputs = [
        measurements.adversarial_inputs(attack, defence.model, seed) for attack in attacks for seed in seeds
    ]
    models = [measurements.model(defence.model, seed) for seed in seeds]
    publications.table(
        "distillation",
        caption(
            measurements.study,
            "The distilled model under attack: success rate, mean share of zeros in the attack's first gradient, share "
            "of the inputs whose first gradient is zero everywhere, success rate on the other inputs, and distance of "
            "the aggregated paths of all attacked inputs, successful or not, from those of normal inputs.",
            seeds,
        ),
        [*models, *adversarial_inputs, *paths],
        renderer="table_distillation",
        attacks=attacks,
        information=measurements.study.information,
        roles={defence.regular: "regular_jsma", defence.adaptive: "adaptive_jsma"},
    )
    publish_paths(
        publications,
        measurements.study,
        "figure_6",
        f"Aggregated paths, on the distilled model, of normal inputs and of all inputs that each attack made. {BANDS}",
        [each for each in paths if each.role["seed"] == seeds[0] and each.role["attack"] not in defence.others],
        renderer="figures_4_to_11_aggregated_paths",
        seed=seeds[0],
        models=[defence.model],
    )
    return [*models, *adversarial_inputs, *paths]
