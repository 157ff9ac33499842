"""Tables II and VIII and Figure 1: the adversarial inputs of each attack on each model."""

from __future__ import annotations

from workflow_scripts.planning.studies.information_flow.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

MEASURES = (
    "The normalised distortion (in the attack's own norm and in L2) and the confidence in the wrong class are means "
    "over the successful adversarial inputs. The success rate is relative to the inputs that the model classifies "
    "correctly."
)
FIGURE_1_IMAGES = 8


def publish_adversarial_inputs(measurements: Measurements, publications: Publications) -> list[Input]:
    """Plan the tables and the figure; returns the adversarial inputs, which the findings use too."""
    study = measurements.study
    attacks_by_model = {study.original: study.attacks}
    roles = {study.original: "original"}
    if study.compressed is not None:
        attacks_by_model[study.compressed] = study.model_attacks
        roles[study.compressed] = "compressed"
    table_2 = [
        measurements.adversarial_inputs(attack, model, seed)
        for model, attacks in attacks_by_model.items()
        for attack in attacks
        for seed in measurements.seeds(model)
    ]
    publications.table(
        "table_2",
        f"Adversarial inputs by each attack on the original model and on its compressed version. {MEASURES}",
        table_2,
        renderer="table_2_adversarial_inputs",
        roles=roles,
    )
    table_8 = [
        measurements.adversarial_inputs(attack, model, seed)
        for attack in study.model_attacks
        for model in study.models
        for seed in measurements.seeds(model)
    ]
    publications.table(
        "table_8",
        f"Adversarial inputs by each attack on each model. {MEASURES}",
        table_8,
        renderer="table_8_adversarial_inputs",
        roles={},
    )
    first_seed = measurements.seeds(study.original)[0]
    shown = [measurements.adversarial_inputs(attack, study.original, first_seed) for attack in study.attacks]
    dataset = measurements.planner.dataset(measurements.planner.configuration.models[study.original].dataset)
    publications.figure(
        "figure_1",
        "Examples of adversarial inputs; the first row shows the original images.",
        [*shown, dataset.as_input(name="dataset")],
        renderer="figure_1_adversarial_images",
        columns=FIGURE_1_IMAGES,
    )
    return [*table_2, *table_8]
