"""Figures 5 and 9: adversarial trainings at several weight decays."""

from __future__ import annotations

from workflow_scripts.configuration.schema.local_properties import LocalProperties, WeightDecaySweep
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.local_properties.measurements import kernel_statistics, measurement
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.exact_numbers import to_text
from workflow_scripts.recipes.recipe import Input


def publish_sweep(publications: Publications, sweep: list[Input]) -> None:
    """Plan the figures from `sweep_measurements`."""
    by_weight_decay = (
        "by the weight decay of adversarial trainings: the kernels, the differences in each layer with "
        "normal 95% intervals over images"
    )
    publications.figure(
        "figure_5",
        f"Maximum response differences {by_weight_decay}, and accuracy on natural and adversarial images at the best "
        "and the last epoch.",
        sweep,
        renderer="figure_5_weight_decay_maximum",
        measure="maximum",
    )
    publications.figure(
        "figure_9",
        f"Total response differences {by_weight_decay}, and robust loss of training and test images at the best and "
        "the last epoch.",
        sweep,
        renderer="figure_9_weight_decay_total",
        measure="total",
    )


def with_sweep_models(configuration: Configuration, sweep: WeightDecaySweep) -> Configuration:
    """The configuration with one more training and model per weight decay, named by `sweep_model_name`."""
    model = configuration.models[sweep.model]
    training = configuration.trainings[model.training]
    names = [sweep_model_name(sweep, index) for index in range(len(sweep.weight_decays))]
    trainings = {
        name: training.model_copy(update={"weight_decay": decay})
        for name, decay in zip(names, sweep.weight_decays, strict=True)
    }
    models = {name: model.model_copy(update={"training": name, "seeds": model.seeds[:1]}) for name in names}
    return configuration.model_copy(
        update={"trainings": {**configuration.trainings, **trainings}, "models": {**configuration.models, **models}}
    )


def sweep_model_name(sweep: WeightDecaySweep, index: int) -> str:
    """The name of one of the sweep's models, which differs from every name that a user may give."""
    return f"{sweep.model}, weight decay {to_text(sweep.weight_decays[index])}"


def sweep_measurements(planner: Planner, study: LocalProperties, sweep: WeightDecaySweep) -> list[Input]:
    """Per weight decay: the model, its kernels and its response differences under PGD."""
    images = {"split": "test", "count": study.images, "selection_seed": study.selection_seed}
    inputs = []
    for index, decay in enumerate(sweep.weight_decays):
        name = sweep_model_name(sweep, index)
        seed = planner.configuration.models[name].seeds[0]
        adversarial_set = planner.adversarial(study.pgd, name, seed, images, study.attack_all)
        recipes = {
            "model": planner.model(name, seed),
            "kernel_statistics": kernel_statistics(planner, name, seed),
            "responses": measurement(planner, "responses", name, seed, adversarial_set),
        }
        inputs += [recipe.as_input(name=f"sweep_{kind}", weight_decay=decay) for kind, recipe in recipes.items()]
    return inputs
