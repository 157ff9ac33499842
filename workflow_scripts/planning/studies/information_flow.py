"""The information_flow study: which artifacts its tables and figures are made of.

Each function plans some tables or figures and returns the inputs that the findings read again.
"""

from __future__ import annotations

from workflow_scripts.configuration.schema.studies import InformationFlow
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies import information_models
from workflow_scripts.planning.studies.claims import CAPTION, claims_of
from workflow_scripts.planning.studies.information_measurements import Measurements
from workflow_scripts.planning.studies.information_publications import Publications
from workflow_scripts.recipes.recipe import Input

MEASURES = (
    "Normalised distortion in the attack's own norm and in L2 and confidence in the wrong class are means over the "
    "successes; the success rate is that of the inputs which the model gets right."
)


def plan(planner: Planner, study: InformationFlow) -> None:
    """Add every recipe and publication of the study."""
    measured, published = Measurements(planner, study), Publications(planner, study)
    inputs = [
        *attacks(measured, published),
        *paths(measured, published),
        *trajectories(measured, published),
        *information_models.compression(measured, published),
        *information_models.distillation(measured, published),
        *information_models.several_models(measured, published),
    ]
    models(measured, published)
    once = list({(i.folder, str(sorted(i.role.items()))): i for i in inputs}.values())
    published.table("findings", CAPTION, once, claims=claims_of("information_flow"), **parts(study))


def parts(study: InformationFlow) -> dict:
    """Which model and attack plays which part in the findings."""
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


def attacks(measured: Measurements, published: Publications) -> list[Input]:
    """Tables II and VIII and Figure 1."""
    study = measured.study
    victims = {study.original: study.attacks}
    if study.compressed is not None:
        victims[study.compressed] = study.model_attacks
    table_2 = [
        measured.set(attack, model, seed)
        for model, made in victims.items()
        for attack in made
        for seed in measured.seeds(model)
    ]
    roles = {study.original: "original", study.compressed: "compressed"}
    caption = f"Adversarial inputs by each attack on the original model and on its compressed version. {MEASURES}"
    published.table("table_2", caption, table_2, roles=names(roles))
    table_8 = [
        measured.set(attack, model, seed)
        for attack in study.model_attacks
        for model in study.models
        for seed in measured.seeds(model)
    ]
    caption = f"Adversarial inputs by each attack on each model. {MEASURES}"
    published.table("table_8", caption, table_8, roles={})
    first = measured.seeds(study.original)[0]
    shown = [measured.set(attack, study.original, first) for attack in study.attacks]
    dataset = measured.planner.configuration.models[study.original].dataset
    shown.append(measured.planner.dataset(dataset).as_input(name="dataset"))
    caption = "Examples of adversarial inputs; the first row shows the originals."
    published.figure("figure_1", caption, shown, columns=8)
    return [*table_2, *table_8]


def merged(*lists: list[str]) -> list[str]:
    """All names in order, each once."""
    return list(dict.fromkeys(name for names in lists for name in names))


def names(roles: dict[str | None, str]) -> dict[str, str]:
    """Model → the part that it plays in a table; parts that no model plays are left out."""
    return {model: role for model, role in roles.items() if model is not None}


def models(measured: Measurements, published: Publications) -> None:
    """Tables VII and X, and each training's learning curve."""
    study, configuration = measured.study, measured.planner.configuration
    trained = [measured.trained(name, seed) for name in study.models for seed in measured.seeds(name)]
    caption = "The models: accuracy on the test images, and number of parameters with batch norms' running statistics."
    published.table("table_7", caption, trained, roles={})
    first = measured.seeds(study.original)[0]
    described = [measured.trained(study.original, first)]
    published.table("table_10", "The architecture of the original model.", described)
    used = [study.original, *study.models]
    used += [study.compressed] if study.compressed is not None else []
    used += [study.distillation.model] if study.distillation is not None else []
    for name in merged(used):
        if configuration.models[name].training is None:
            continue
        seed = configuration.models[name].seeds[0]
        curve = [measured.trained(name, seed)]
        published.figure(f"learning_curve_{name}", f"Learning curve of {name}, seed {seed}.", curve, "learning_curve")


def paths(measured: Measurements, published: Publications) -> list[Input]:
    """Table III and Figure 4: aggregated paths of normal inputs and of each attack's successes."""
    study = measured.study
    inputs = []
    for seed in measured.seeds(study.original):
        inputs.append(measured.normal(study.original, seed))
        for attack in study.path_attacks:
            inputs.append(measured.paths(study.original, attack, seed))
    caption = (
        "Distance between the aggregated paths of normal inputs and of the adversarial inputs of each attack, with "
        "95% bootstrap intervals over inputs (of the distance of plain means)."
    )
    published.table("table_3", caption, inputs)
    first = measured.seeds(study.original)[0]
    drawn = [i for i in inputs if i.role["seed"] == first]
    caption = "Aggregated input and output information paths and their contrast, with credible bands."
    published.figure("figure_4", caption, drawn, "aggregated", models=[study.original])
    return inputs


def trajectories(measured: Measurements, published: Publications) -> list[Input]:
    """Figure 3: the information paths of inputs while an attack crafts their adversarial versions."""
    study = measured.study
    first = measured.seeds(study.original)[0]
    followed = []
    for attack in study.trajectory.attacks:
        made = measured.planner.trajectory(
            measured.adversarial(attack, study.original, first),
            study.original,
            study.trajectory.inputs,
            study.trajectory.max_frames,
        )
        followed.append(measured.information(study.original, first, made).as_input(followed=attack))
        name = "figure_3" if attack == study.trajectory.attacks[0] else f"figure_3_{attack}"
        caption = (
            f"The information paths of one input while {attack} crafts its adversarial version, and the deviation of "
            "every followed input's paths."
        )
        # A refining attack records an input each time that it found a better one, and not at every iteration.
        refines = getattr(measured.planner.configuration.attacks[attack], "refine", False)
        published.figure(
            name, caption, followed[-1:], "figure_3", step="improvement" if refines else "attack iteration"
        )
    return followed
