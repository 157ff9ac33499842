"""The local_properties study: which artifacts its tables and figures are made of.

Tables 1 to 5 compare response differences: of the standard and the robust model, of successful and failed attacks, of
a model's own and of transferred adversarial examples. Figures 1, 2 and 6 look at frequencies; 3, 7 and 8 show
perturbations; 4 real kernels; 5 and 9 adversarial trainings at several weight decays.
"""

from __future__ import annotations

from workflow_scripts.configuration.schema.local_properties import LocalProperties
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.claims import CAPTION, claims_of
from workflow_scripts.planning.studies.local_measurements import (
    ATTACKS,
    ROLES,
    Measurements,
    sweep_measurements,
    with_sweep,
)
from workflow_scripts.planning.studies.published import published_table
from workflow_scripts.planning.studies.reductions import reduced
from workflow_scripts.recipes.recipe import Input, Recipe

STUDY = "local_properties"
DIFFERENCES = (
    "Largest (maximum) and summed (total) absolute difference of a layer's responses between an image and its "
    "adversarial version, per image (those that the model gets right, where the paper averages over all): mean and "
    "standard deviation over images"
)


def plan(planner: Planner, study: LocalProperties) -> None:
    """Add every recipe and publication of the study."""
    if study.sweep is not None:
        planner.configuration = with_sweep(planner.configuration, study.sweep)
    made = Measurements(planner, study)
    response_tables(planner, study, made)
    frequency_figures(planner, study, made)
    picture_figures(planner, study, made)
    training_figures(planner, study, made)
    swept = [] if study.sweep is None else sweep_measurements(planner, study, study.sweep)
    if swept:
        sweep_figures(planner, study, swept)
    findings(planner, study, made, swept)


def table(
    planner: Planner,
    study: LocalProperties,
    name: str,
    caption: str,
    inputs: list[Input],
    published: bool = True,
    **more,
) -> Recipe:
    """A table with its published values, drawn by the module of its name."""
    models = planner.configuration.models
    source = planner.configuration.datasets[models[study.robust].dataset].source
    notes = [] if source == "cifar10" else [f"Measured on {source}; the published values are for CIFAR-10."]
    notes += reduced(models, [study.standard, study.robust])
    parameters = {"renderer": f"{STUDY}.{name}", "notes": notes, **more}
    parameters["published"] = published_table(STUDY, name) if published else None
    return planner.publish("table", STUDY, name, caption, parameters, inputs)


def figure(
    planner: Planner, name: str, caption: str, inputs: list[Input], renderer: str | None = None, **more
) -> Recipe:
    """A figure, drawn by the module of its name or by `renderer`."""
    return planner.publish("figure", STUDY, name, caption, {"renderer": f"{STUDY}.{renderer or name}", **more}, inputs)


def response_tables(planner: Planner, study: LocalProperties, made: Measurements) -> None:
    """Tables 1 to 5, and the accuracies that the paper gives in its text."""
    own, transferred = made.all_responses(("pgd",), own=True), made.all_responses(("pgd",), own=False)
    fgsm = made.all_responses(("fgsm",), own=True)

    def of(model: str, *groups: list[Input]) -> list[Input]:
        return [item for group in groups for item in group if item.role["model"] == model]

    table(planner, study, "table_1", f"{DIFFERENCES}, of the standard and the robust model under PGD.", own)
    table(
        planner, study, "table_2",
        f"{DIFFERENCES}, of successful and failed attacks by FGSM on the standard model.", of("standard", fgsm),
    )  # fmt: skip
    table(
        planner, study, "table_3",
        f"{DIFFERENCES}, in the robust model: its own adversarial examples by PGD, and those made against the standard "
        "model.", of("robust", own, transferred),
    )  # fmt: skip
    table(
        planner, study, "table_4",
        f"{DIFFERENCES}, of successful and failed attacks by PGD and FGSM on the robust model.",
        of("robust", own, fgsm),
    )  # fmt: skip
    table(
        planner, study, "table_5",
        f"{DIFFERENCES}, in the standard model: its own adversarial examples by PGD, and those made against the robust "
        "model.", of("standard", own, transferred),
    )  # fmt: skip
    table(
        planner, study, "robustness",
        "Accuracy on natural images, under each attack on the model itself, and on adversarial examples by PGD that "
        "were made against the other model.", [*made.sets(), *transferred],
    )  # fmt: skip


def frequency_figures(planner: Planner, study: LocalProperties, made: Measurements) -> None:
    """Figures 1, 2 and 6."""
    answers = [item for item in made.filtered_predictions() if item.role["seed"] == made.first]
    figure(
        planner, "figure_1",
        "Accuracy on images through a low-pass filter and on frequency-swapped images, by the radius that parts low "
        "from high frequencies, with 95% intervals.", answers,
    )  # fmt: skip
    figure(
        planner, "figure_2",
        "Average logarithmic amplitude spectra of natural images, of adversarial examples made against each model, "
        "and their differences; frequency zero is central.", made.spectra(),
    )  # fmt: skip
    figure(
        planner, "figure_6",
        "Accuracy on images through a high-pass filter, by the radius below which frequencies are removed, with 95% "
        "intervals.", [*answers, made.dataset.as_input(name="dataset")],
    )  # fmt: skip


def picture_figures(planner: Planner, study: LocalProperties, made: Measurements) -> None:
    """Figures 3, 7 and 8: perturbations; Figure 4: kernels that answer to them."""
    dataset = made.dataset.as_input(name="dataset")

    def sets(attack: str) -> list[Input]:
        return [made.set(attack, victim, made.first).as_input(name="set", victim=victim) for victim in ROLES]

    shown = {
        "figure_3": ("pgd", "success", "that fool both models"),
        "figure_7": ("fgsm", "success", "that fool both models"),
        "figure_8": ("pgd", "failure", "that do not fool the robust model"),
    }
    for name, (attack, outcome, words) in shown.items():
        figure(
            planner, name,
            f"Adversarial examples by {attack.upper()} {words}, and their perturbations: all channels together, their "
            "mean, and each channel.", [*sets(attack), dataset], columns=study.example_images, outcome=outcome,
        )  # fmt: skip
    figure(
        planner, "figure_4",
        "Responses of real first-layer kernels, each scaled to unit gain, to real perturbations against the standard "
        "and the robust model.", [made.kernel_responses()],
    )  # fmt: skip


def training_figures(planner: Planner, study: LocalProperties, made: Measurements) -> None:
    """The learning curves of both models, where they are trained here."""
    for role, renderer in zip(ROLES, ("learning_curve", "robust_learning_curve"), strict=True):
        name = made.models[role]
        if planner.configuration.models[name].training is None:
            continue
        caption = f"Learning curve of {name}, seed {made.first}."
        figure(planner, f"learning_curve_{name}", caption, [made.model(role, made.first)], renderer)


def sweep_figures(planner: Planner, study: LocalProperties, swept: list[Input]) -> None:
    """Figures 5 and 9."""
    common = (
        "by the weight decay of adversarial trainings: the kernels, the differences in each layer with 95% intervals"
    )
    figure(
        planner, "figure_5",
        f"Maximum response differences {common}, and accuracy on natural and adversarial images at the best and "
        "the last epoch.", swept, measure="maximum",
    )  # fmt: skip
    figure(
        planner, "figure_9",
        f"Total response differences {common}, and robust loss of training and test images at the best and the "
        "last epoch.", swept, measure="total",
    )  # fmt: skip


def findings(planner: Planner, study: LocalProperties, made: Measurements, swept: list[Input]) -> None:
    """Every claim of the paper, from all that the study measures."""
    own = made.all_responses(ATTACKS, own=True)
    inputs = [
        *made.sets(), *own, *made.all_responses(("pgd",), own=False), *made.filtered_predictions(), *made.spectra(),
        *made.kernels(), made.kernel_responses(), made.model("robust", made.first), *swept,
        made.dataset.as_input(name="dataset"),
    ]  # fmt: skip
    table(planner, study, "findings", CAPTION, inputs, published=False, claims=claims_of(STUDY))
