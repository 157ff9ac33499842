"""The information_flow study across models: compression (Q3), the distilled defence (Q4), transferability (Q5)."""

from __future__ import annotations

from collections.abc import Sequence

from workflow_scripts.planning.studies.information_measurements import Measurements
from workflow_scripts.planning.studies.information_publications import Publications
from workflow_scripts.recipes.recipe import Input

PAIR_FIGURES = {"jsma": "figure_5", "fgsm": "figure_8", "carlini_wagner_l2": "figure_9"}
MODEL_FIGURES = {"jsma": "figure_7", "fgsm": "figure_10", "carlini_wagner_l2": "figure_11"}


def named_figures(measured: Measurements, names: dict[str, str], otherwise: str) -> dict[str, str]:
    """Attack of `model_attacks` → its figure's name: the paper's number for the first attack of its kind, then
    with the attack's own name behind it."""
    taken, found = set(), {}
    for attack in measured.study.model_attacks:
        kind = measured.planner.configuration.attacks[attack].attack
        name = names.get(kind)
        found[attack] = name if name is not None and name not in taken else f"{name or otherwise}_{attack}"
        taken.add(name)
    return found


def compression(measured: Measurements, published: Publications) -> list[Input]:
    """Tables IV, V, VI and Figures 5, 8, 9: the original and its compressed version, measured on each other."""
    study = measured.study
    if study.compressed is None:
        return []
    pair = (study.original, study.compressed)
    roles = {study.original: "original", study.compressed: "compressed"}
    seeds = measured.seeds(*pair)
    trained = [measured.trained(name, seed) for name in pair for seed in seeds]
    published.table("table_4", "The original model and its compressed version.", trained, roles=roles)
    normal = [measured.normal(model, seed) for model in pair for seed in seeds]
    crossed = {
        attack: [
            measured.transfer_paths(model, target, attack, seed, pair)
            for seed in seeds
            for model in pair
            for target in pair
        ]
        for attack in study.model_attacks
    }
    every = [made for inputs in crossed.values() for made in inputs]
    caption = (
        "Distance, measured on each model, between the aggregated paths of adversarial inputs made against the "
        "original model and of those made against its compressed version, with 95% bootstrap intervals over inputs (of "
        "the distance of plain means)."
    )
    published.table("table_5", caption, every, roles=roles)
    table_6 = [
        *reactions(measured, pair, seeds),
        *(measured.set(a, m, s) for a in crossed for m in pair for s in seeds),
    ]
    caption = (
        "Share of the inputs that deceive the target which deceive the other model too; inputs that the other model "
        "gets wrong before the attack are left out."
    )
    published.table("table_6", caption, table_6, roles=roles)
    for attack, name in named_figures(measured, PAIR_FIGURES, "compression").items():
        drawn = [i for i in [*normal, *crossed[attack]] if i.role["seed"] == seeds[0]]
        caption = (
            f"Aggregated paths of normal inputs and of {attack}'s, made against the model that they are measured on "
            "(solid) or against the other one (dashed)."
        )
        published.figure(name, caption, drawn, "aggregated", models=list(pair))
    return [*trained, *normal, *every, *table_6]


def reactions(measured: Measurements, models: Sequence[str], seeds: list[int]) -> list[Input]:
    """What each model makes of the inputs made against each of the others."""
    return [
        measured.transfer_measurement(model, attack, seed, models).as_input(
            reaction=model, target=target, attack=attack, seed=seed
        )
        for attack in measured.study.model_attacks
        for target in models
        for model in models
        if model != target
        for seed in seeds
    ]


def distillation(measured: Measurements, published: Publications) -> list[Input]:
    """Figure 6 and the numbers of Q4: regular and adaptive attacks on the distilled model."""
    wanted = measured.study.distillation
    if wanted is None:
        return []
    seeds = measured.seeds(wanted.model)
    attacks = list(dict.fromkeys([wanted.regular, wanted.adaptive, *wanted.others]))
    paths = [measured.normal(wanted.model, seed) for seed in seeds]
    paths += [measured.paths(wanted.model, attack, seed, subset="attacked") for attack in attacks for seed in seeds]
    sets = [measured.set(attack, wanted.model, seed) for attack in attacks for seed in seeds]
    trained = [measured.trained(wanted.model, seed) for seed in seeds]
    caption = (
        "The distilled model under attack: success rate, mean share of zeros in the attack's first gradient, share of "
        "the inputs whose first gradient is zero everywhere, success rate of the others, and distance of the "
        "aggregated paths of all attacked inputs, deceiving or not, from those of normal inputs."
    )
    roles = {wanted.regular: "regular_jsma", wanted.adaptive: "adaptive_jsma"}
    published.table("distillation", caption, [*trained, *sets, *paths], attacks=attacks, roles=roles)
    drawn = [i for i in paths if i.role["seed"] == seeds[0] and i.role["attack"] not in wanted.others]
    caption = "Aggregated paths, on the distilled model, of normal inputs and of all inputs that each attack made."
    published.figure("figure_6", caption, drawn, "aggregated", models=[wanted.model])
    return [*trained, *sets, *paths]


def several_models(measured: Measurements, published: Publications) -> list[Input]:
    """Table IX and Figures 7, 10, 11: inputs that succeed against every model, each measured on every other."""
    study = measured.study
    models = study.models
    seeds = measured.seeds(*models)
    if len(models) < 2 or not seeds:
        return []
    normal = [measured.normal(model, seed) for model in models for seed in seeds]
    common = {
        attack: [
            measured.transfer_paths(model, target, attack, seed, models, subset="common")
            for seed in seeds
            for model in models
            for target in models
        ]
        for attack in study.model_attacks
    }
    split = [
        measured.transfer_paths(model, target, attack, seed, models, subset=subset)
        for attack in study.model_attacks
        for seed in seeds
        for model in models
        for target in models
        if target != model
        for subset in ("transferred", "stopped")
    ]
    tables(measured, published, normal, common, split)
    for attack, name in named_figures(measured, MODEL_FIGURES, "models").items():
        drawn = [i for i in [*normal, *common[attack]] if i.role["seed"] == seeds[0]]
        caption = (
            f"Aggregated paths of normal inputs and of {attack}'s, by the model that they were made against, of the "
            "inputs that succeed against all of them."
        )
        published.figure(name, caption, drawn, "aggregated", models=models)
        drawn = [i for i in [*normal, *split] if i.role["seed"] == seeds[0] and i.role["attack"] in ("normal", attack)]
        caption = (
            f"Aggregated paths of normal inputs and of {attack}'s inputs of the above that were made against another "
            "model, by whether they deceive the model that they are measured on too (transferred) or not (stopped). "
            "Groups of fewer than ten inputs are not drawn."
        )
        published.figure(f"transferability_{attack}", caption, drawn, "transferable", models=models)
    return [*normal, *(made for inputs in common.values() for made in inputs), *split]


def tables(measured: Measurements, published: Publications, normal: list, common: dict, split: list) -> None:
    """Table IX (the paper: JSMA), the same of every other attack, and what transfers against what does not."""
    configuration = measured.planner.configuration
    caption = (
        "Distance between the aggregated OIPs of normal inputs and of adversarial inputs that succeed against every "
        "model, by the model that they were made against (target) and the one that they are measured on (inference)."
    )
    first = next((a for a in common if configuration.attacks[a].attack == "jsma"), next(iter(common)))
    for attack, made in common.items():
        name = "table_9" if attack == first else f"table_9_{attack}"
        published.table(name, f"{caption} Attack: {attack}.", [*normal, *made], "table_9")
    caption = (
        "Distance between the aggregated OIPs of normal inputs and of those of the target's successes whose images "
        "succeed against every model, by whether they deceive the inference model too (transferred) or not (stopped)."
    )
    published.table("transferability", caption, [*normal, *split])
