"""The attack_signatures study: which artifacts its tables and figures are made of.

Table 1 the victims; 2 and 6 the attacks' settings; 3 and 5 recognition; 4 accuracy before and after reconstruction.
Figure 1 confusion matrices; 2 samples; 4 reconstructions; 5 and 8 to 15 saliency profiles; 6 and 7 input saliency.
"""

from __future__ import annotations

from workflow_scripts.configuration.schema.attack_signatures import AttackSignatures
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.attack_signatures_grid import VARIANTS, Measured
from workflow_scripts.planning.studies.claims import CAPTION, claims_of
from workflow_scripts.planning.studies.published import published_table
from workflow_scripts.planning.studies.reductions import reduced
from workflow_scripts.recipes.recipe import Input, Recipe

STUDY = "attack_signatures"
PROFILE_FIGURES = {
    ("cifar10", "resnet50"): "8",
    ("cifar10", "resnext50_32x4d"): "9",
    ("cifar10", "densenet121"): "10",
    ("cifar10", "vgg19_bn"): "11",
    ("tiny_imagenet", "resnet50"): "12",
    ("tiny_imagenet", "resnext50_32x4d"): "13",
    ("tiny_imagenet", "densenet121"): "14",
    ("tiny_imagenet", "vgg19_bn"): "15",
}
INPUT_FIGURES = {"tiny_imagenet": "6", "cifar10": "7"}
PAPERS_NAMES = {"cifar10": "CIFAR-10", "tiny_imagenet": "Tiny ImageNet"}


def plan(planner: Planner, study: AttackSignatures) -> None:
    """Add every recipe and publication of the study."""
    datasets = [Measured(planner, study, grid) for grid in study.datasets]
    table_1(planner, datasets)
    settings_tables(planner, study, datasets)
    claims: list[Input] = []
    numbers: set[str] = set()
    for measured in datasets:
        claims += recognition(measured)
        profiles = saliency(measured, numbers)
        figure_2(measured, profiles)
        claims += profiles
    parameters = {
        "renderer": f"{STUDY}.findings",
        "published": None,
        "claims": claims_of(STUDY),
        "notes": notes(datasets),
        **described(datasets),
    }
    planner.publish("table", STUDY, "findings", CAPTION, parameters, claims)


def described(datasets: list[Measured]) -> dict:
    """What renderers need to name things: the papers' data sets, victims, architectures and classes."""
    models = datasets[0].planner.configuration.models
    return {
        "papers": [[m.grid.dataset, m.grid.paper] for m in datasets],
        "victims": [[m.grid.dataset, list(m.grid.victims)] for m in datasets],
        "architectures": {name: models[name].architecture for m in datasets for name in m.grid.victims},
        "classes": [[name, list(attacks)] for name, attacks in datasets[0].study.classes.items()],
    }


def notes(datasets: list[Measured]) -> list[str]:
    """What a reader must know where data sets or victims are not those whose published values stand beside them."""
    made = []
    for measured in datasets:
        source = measured.planner.configuration.datasets[measured.grid.dataset].source
        paper = measured.grid.paper
        if paper is not None and source != paper:
            made.append(f"Measured on {source}; the published values are for {PAPERS_NAMES[paper]}.")
    victims = [name for measured in datasets for name in measured.grid.victims]
    return made + reduced(datasets[0].planner.configuration.models, victims)


def table(datasets: list[Measured], name: str, number: str, caption: str, inputs: list[Input], **more) -> Recipe:
    """The table `number` with its published values, drawn by the module `name`."""
    parameters = {
        "renderer": f"{STUDY}.{name}",
        "published": published_table(STUDY, name),
        "notes": notes(datasets),
        **described(datasets),
        **more,
    }
    return datasets[0].planner.publish("table", STUDY, number, caption, parameters, inputs)


def figure(datasets: list[Measured], name: str, number: str, caption: str, inputs: list[Input], **more) -> Recipe:
    """The figure `number`, drawn by the module `name`."""
    parameters = {"renderer": f"{STUDY}.{name}", **described(datasets), **more}
    return datasets[0].planner.publish("figure", STUDY, number, caption, parameters, inputs)


def table_1(planner: Planner, datasets: list[Measured]) -> None:
    """Accuracy of the victims on clean test images."""
    models = planner.configuration.models
    inputs = [
        planner.model(name, seed).as_input(
            dataset=m.grid.dataset, victim=name, seed=seed, checkpoint=models[name].checkpoint
        )
        for m in datasets
        for name in m.grid.victims
        for seed in models[name].seeds
    ]
    table(datasets, "table_1", "table_1", "Accuracy of the victims on clean test images.", inputs)


def settings_tables(planner: Planner, study: AttackSignatures, datasets: list[Measured]) -> None:
    """Tables 2 and 6: the attacks' settings; the latter with what every configuration leaves of the accuracy."""
    exclude = {"quantisation", "parameters"}
    settings = {}
    for name in (attack for attacks in study.classes.values() for attack in attacks):
        entry = planner.configuration.attacks[name]
        settings[name] = {**entry.model_dump(exclude=exclude), **getattr(entry, "parameters", {})}
    robust_accuracy = [
        m.robust_accuracy(victim).as_input(dataset=m.grid.dataset, victim=victim)
        for m in datasets
        for victim in m.grid.victims
    ]
    caption = "Settings of the attacks, by class."
    table(datasets, "table_2", "table_2", caption, [], settings=settings)
    caption = (
        "Settings of every configuration, and what it does to the test images, over all victims: accuracy that is "
        "left, and the successes' mean distance from the clean image."
    )
    table(datasets, "table_6", "table_6", caption, robust_accuracy, settings=settings, quantisation=study.quantisation)


def recognition(measured: Measured) -> list[Input]:
    """Tables 3, 4 and 5, the table of quantisations, and Figures 1 and 4; returns what the findings read."""
    study, dataset = measured.study, measured.grid.dataset
    made = {
        variant: [
            measured.recogniser_evaluation(variant, study.quantisation, seed).as_input(
                dataset=dataset, recogniser=variant, quantisation=study.quantisation, seed=seed
            )
            for seed in measured.redrl.seeds
        ]
        for variant in VARIANTS
    }

    def of(*variants: str) -> list[Input]:
        return [item for variant in variants for item in made[variant]]

    trained = [
        measured.recogniser("redrl", study.quantisation, seed).as_input(dataset=dataset, trained="redrl", seed=seed)
        for seed in measured.redrl.seeds
    ]
    shares = "Share of each class that is recognised; the total counts every test image once (micro average)"
    table(
        [measured], "table_3", f"table_3_{dataset}",
        f"{shares}, by what the recogniser sees.", of("image", "perturbation", "redrl") + trained,
    )  # fmt: skip
    table(
        [measured], "table_4", f"table_4_{dataset}",
        "Accuracy of every victim on all clean and attacked test images before and after the reconstructor G.",
        of("redrl"),
    )  # fmt: skip
    table(
        [measured], "table_5", f"table_5_{dataset}",
        f"{shares}, without the feature and classification losses (A), without the classification loss (B), without "
        "the feature loss (C), and with all of them (REDRL).",
        of("ablation_a", "ablation_b", "ablation_c", "redrl") + trained,
    )  # fmt: skip
    others = [
        measured.recogniser_evaluation(variant, quantisation, seed).as_input(
            dataset=dataset, recogniser=variant, quantisation=quantisation, seed=seed
        )
        for quantisation in study.recognised_quantisations
        if quantisation != study.quantisation
        for variant in ("image", "redrl")
        for seed in measured.redrl.seeds
    ]
    robust_accuracy = [
        measured.robust_accuracy(victim).as_input(dataset=dataset, victim=victim) for victim in measured.grid.victims
    ]
    table(
        [measured], "quantisation", f"quantisation_{dataset}",
        "Attacked test images as they pass through 8 bits: accuracy that is left over all victims, and share of each "
        "class that is recognised where recognisers were trained for it.",
        robust_accuracy + of("image", "redrl") + others,
    )  # fmt: skip
    first = measured.redrl.seeds[0]
    pair = [item for item in of("image", "perturbation") if item.role["seed"] == first]
    figure(
        [measured], "figure_1", f"figure_1_{dataset}",
        "Confusion matrices of recognisers that see adversarial images alone, and with their true perturbations.", pair,
    )  # fmt: skip
    shown = [item for item in of("redrl") if item.role["seed"] == first]
    figure(
        [measured], "figure_4", f"figure_4_{dataset}",
        "Adversarial, reconstructed and residual images; residuals and true perturbations are magnified around grey.",
        [*shown, measured.dataset],
    )  # fmt: skip
    return of(*VARIANTS) + robust_accuracy


def figure_2(measured: Measured, profiles: list[Input]) -> None:
    """Adversarial samples and perturbations of the victim that the paper shows, ResNeXt-50, or of the first.

    `profiles` know which images each attack turned.
    """
    grid, models = measured.grid, measured.planner.configuration.models
    same = [name for name in grid.victims if models[name].architecture == "resnext50_32x4d"]
    victim = (same or grid.victims)[0]
    parts = measured.shard_inputs([victim], "test", saliency_attacks=True)
    figure(
        [measured], "figure_2", f"figure_2_{grid.dataset}",
        f"Adversarial images of {victim} and their perturbations, which are multiplied to be visible.",
        [*parts, measured.dataset, *(item for item in profiles if item.role["victim"] == victim)],
        victim=victim, quantisation=measured.study.quantisation,
    )  # fmt: skip


def saliency(measured: Measured, numbers: set[str]) -> list[Input]:
    """Figures 5 to 15 and the tables of depths and distances; returns what the findings read.

    A figure's number goes to the first victim of its architecture; `numbers` are those that are taken.
    """
    grid, study = measured.grid, measured.study
    models, paper, dataset = measured.planner.configuration.models, grid.paper, grid.dataset
    made = [measured.saliency(v).as_input(dataset=dataset, victim=v, measured="saliency") for v in grid.victims]
    saliency_attacks = {name: study.saliency_attacks.get(name, attacks[-1]) for name, attacks in study.classes.items()}
    for item in made:
        victim, architecture = item.role["victim"], models[item.role["victim"]].architecture
        number = PROFILE_FIGURES.get((paper, architecture))
        number = None if number in numbers else number
        numbers |= {number} - {None}
        caption = (
            f"Parameter-saliency profiles of {victim} on {dataset}: filters sorted within each layer from most to "
            "least salient, averaged over the images that each attack turned from right to wrong."
        )
        name = f"figure_{number}" if number else f"profiles_{victim}"
        figure([measured], "profiles", name, caption, [item], signed=True, saliency_attacks=saliency_attacks)
        if number == "8":
            figure([measured], "profiles", "figure_5", caption, [item], signed=False, saliency_attacks=saliency_attacks)
    # The paper's text names ResNeXt50 for these pictures, its captions ResNet50.
    shown = [name for name in grid.victims if models[name].architecture == "resnet50"] or grid.victims[:1]
    picture = measured.input_saliency(shown[0]).as_input(dataset=dataset, victim=shown[0])
    name = f"figure_{INPUT_FIGURES[paper]}" if paper else f"input_saliency_{dataset}"
    caption = f"Input saliency of {shown[0]} on {dataset} under every attack, over the images."
    figure([measured], "input_saliency", name, caption, [picture, measured.dataset], saliency_attacks=saliency_attacks)
    table(
        [measured], "saliency_depth", f"saliency_depth_{dataset}",
        "Where the salient filters lie: mean standardised salience of all filters, and centre of depth (0 the first "
        "layer, 1 the last), over the images that each attack turned.", made, saliency_attacks=saliency_attacks,
    )  # fmt: skip
    table(
        [measured], "saliency_distances", f"saliency_distances_{dataset}",
        "Distance of mean saliency profiles of two attacks over the images that both turned (in standard deviations of "
        "a filter's saliency), against its distribution when the two profiles of random images are swapped.", made,
    )  # fmt: skip
    return made
