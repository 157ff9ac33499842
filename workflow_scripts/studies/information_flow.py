"""The information_flow study: which artifacts its tables and figures are made of.

Table II attacks on the original model; III distances of aggregated paths; VII and VIII models and the attacks on
them; X the architecture. Figure 1 adversarial images; 3 a crafting process; 4 aggregated paths per attack.
"""

from __future__ import annotations

from workflow_scripts.plan import Planner
from workflow_scripts.recipe import Recipe
from workflow_scripts.schema.studies import InformationFlow
from workflow_scripts.studies.published import published_table

STUDY = "information_flow"
MEASURES = (
    "Normalised distortion in the attack's own norm and in L2 and confidence in the wrong class are means over the "
    "successes; the success rate is that of the inputs which the model gets right."
)


def plan(planner: Planner, study: InformationFlow) -> None:
    """Add every recipe and publication of the study."""
    tested = {"split": "test", "count": study.images, "selection_seed": study.selection_seed}
    original = study.original
    seeds = planner.configuration.models[original].seeds
    sets = {
        (attack, model, seed): planner.adversarial(attack, model, seed, tested)
        for model, attacks in attacks_by_model(study).items()
        for attack in attacks
        for seed in planner.configuration.models[model].seeds
    }
    table_2 = [sets[a, original, s].as_input(model="original", attack=a, seed=s) for a in study.attacks for s in seeds]
    table(
        planner,
        "table_2",
        f"Adversarial inputs by each attack on the original model. {MEASURES}",
        table_2,
        attacks=study.attacks,
    )
    table_8 = [
        made.as_input(attack=attack, model=model, seed=seed)
        for (attack, model, seed), made in sets.items()
        if attack in study.model_attacks and model in study.models
    ]
    table(
        planner,
        "table_8",
        f"Adversarial inputs by each attack on each model. {MEASURES}",
        table_8,
        attacks=study.model_attacks,
    )
    models(planner, study)
    figure_1(planner, study, sets)
    paths(planner, study, sets)
    trajectory(planner, study, sets)


def attacks_by_model(study: InformationFlow) -> dict[str, list[str]]:
    """Every attack that is made on each model, each once."""
    wanted = {study.original: list(study.attacks)}
    for model in study.models:
        made = wanted.setdefault(model, [])
        made.extend(attack for attack in study.model_attacks if attack not in made)
    return wanted


def table(planner: Planner, name: str, caption: str, inputs: list, **more) -> Recipe:
    """A table with its published values, drawn by the module of its name."""
    configuration = planner.configuration
    study = configuration.studies.information_flow
    datasets = dict.fromkeys(configuration.models[name].dataset for name in (study.original, *study.models))
    sources = [configuration.datasets[name].source for name in datasets]
    notes = (
        [f"Measured on {', '.join(sources)}; the published values are for CIFAR-10."] if sources != ["cifar10"] else []
    )
    parameters = {"renderer": f"{STUDY}.{name}", "published": published_table(STUDY, name), "notes": notes, **more}
    return planner.publish("table", STUDY, name, caption, parameters, inputs)


def figure(planner: Planner, name: str, caption: str, inputs: list, renderer: str | None = None, **more) -> Recipe:
    """A figure, drawn by the module of its name or by `renderer`."""
    parameters = {"renderer": f"{STUDY}.{renderer or name}", **more}
    return planner.publish("figure", STUDY, name, caption, parameters, inputs)


def models(planner: Planner, study: InformationFlow) -> None:
    """Tables VII and X, and each training's learning curve."""
    trained = [
        planner.model(name, seed).as_input(
            model=name, seed=seed, checkpoint=planner.configuration.models[name].checkpoint
        )
        for name in study.models
        for seed in planner.configuration.models[name].seeds
    ]
    table(
        planner,
        "table_7",
        "The models: accuracy on the test images, and number of parameters with batch norms' running statistics.",
        trained,
    )
    first = planner.configuration.models[study.original].seeds[0]
    described = planner.model(study.original, first).as_input(model=study.original, seed=first)
    table(planner, "table_10", "The architecture of the original model.", [described])
    for name in dict.fromkeys([study.original, *study.models]):
        first = planner.configuration.models[name].seeds[0]
        curve = [planner.model(name, first).as_input(model=name, seed=first)]
        figure(planner, f"learning_curve_{name}", f"Learning curve of {name}, seed {first}.", curve, "learning_curve")


def figure_1(planner: Planner, study: InformationFlow, sets: dict) -> None:
    """Adversarial images by every attack on the first training of the original model."""
    first = planner.configuration.models[study.original].seeds[0]
    inputs = [sets[attack, study.original, first].as_input(attack=attack) for attack in study.attacks]
    dataset = planner.dataset(planner.configuration.models[study.original].dataset)
    inputs.append(dataset.as_input(name="dataset"))
    figure(planner, "figure_1", "Examples of adversarial inputs; the first row shows the originals.", inputs, columns=8)


def paths(planner: Planner, study: InformationFlow, sets: dict) -> None:
    """Table III and Figure 4: aggregated paths of normal inputs and of each attack's successes."""
    normal = {"split": "train", "count": study.profile_images, "selection_seed": study.selection_seed}
    inputs = []
    for seed in planner.configuration.models[study.original].seeds:
        features = planner.features(study.original, seed, images=normal)
        information = planner.information(features, study.buckets)
        profile = planner.aggregate(information, "all")
        inputs.append(profile.as_input(attack="normal", seed=seed))
        for attack in study.path_attacks:
            features = planner.features(study.original, seed, made=sets[attack, study.original, seed])
            information = planner.information(features, study.buckets)
            aggregate = planner.aggregate(information, "success")
            inputs.append(aggregate.as_input(attack=attack, seed=seed))
    table(
        planner,
        "table_3",
        "Distance between the aggregated paths of normal inputs and of the adversarial inputs of each attack.",
        inputs,
    )
    first = planner.configuration.models[study.original].seeds[0]
    drawn = [i for i in inputs if i.role["seed"] == first]
    figure(
        planner,
        "figure_4",
        "Aggregated input and output information paths and their contrast, with credible bands.",
        drawn,
        model=study.original,
    )


def trajectory(planner: Planner, study: InformationFlow, sets: dict) -> None:
    """Figure 3: the information paths of one input's intermediate inputs."""
    first = planner.configuration.models[study.original].seeds[0]
    made = planner.trajectory(
        sets[study.trajectory.attack, study.original, first], study.original, study.trajectory.most_frames
    )
    features = planner.features(study.original, first, made=made)
    information = planner.information(features, study.buckets)
    figure(
        planner,
        "figure_3",
        f"The information paths of one input while {study.trajectory.attack} crafts its adversarial version.",
        [information.as_input(attack=study.trajectory.attack)],
    )
