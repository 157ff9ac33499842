"""Figures 5 to 15 and the tables of depths, distances and their controls: saliency of filters and of pixels."""

from __future__ import annotations

from workflow_scripts.planning.studies.attack_signatures.measurements import DatasetMeasurements
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

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
INPUT_SALIENCY_FIGURES = {"tiny_imagenet": "6", "cifar10": "7"}


def publish_saliency(
    measurements: DatasetMeasurements, publications: Publications, numbered_figures: set[str]
) -> tuple[list[Input], Input]:
    """Plan the figures and tables of one data set; returns what the findings use.

    This is the saliency of every victim, and the input saliency of the one whose maps are drawn. A figure's number goes
    to the first victim of its architecture; `numbered_figures` collects the numbers given.
    """
    entry, study = measurements.entry, measurements.study
    saliency = [
        measurements.saliency(victim).as_input(name="saliency", dataset=entry.dataset, victim=victim)
        for victim in entry.victims
    ]
    attacks = {name: study.saliency_attacks.get(name, names[-1]) for name, names in study.classes.items()}
    for each in saliency:
        publish_profiles(measurements, publications, each, attacks, numbered_figures)
    input_saliency = publish_input_saliency(measurements, publications, attacks)
    publications.table(
        f"saliency_depth_{entry.dataset}",
        "Position of the salient filters: mean standardised salience of all filters, and depth centroid (0: first "
        "layer, 1: last layer), over the images misclassified only after the attack.",
        saliency,
        renderer="table_saliency_depth",
        published="saliency_depth",
        saliency_attacks=attacks,
    )
    publications.table(
        f"saliency_distances_{entry.dataset}",
        "Distance between the mean saliency profiles of two attacks over the images that are misclassified only after "
        "the attack, for both attacks (in standard deviations of a filter's saliency), against its distribution when "
        "the two profiles of randomly chosen images are swapped.",
        saliency,
        renderer="table_saliency_distances",
        published="saliency_distances",
    )
    publish_controls(entry.dataset, publications, saliency)
    return saliency, input_saliency


def publish_controls(dataset: str, publications: Publications, saliency: list[Input]) -> None:
    """What is left of the attacks' saliency at the loss of other images, and of its shape alone."""
    publications.table(
        f"controls_saliency_depth_{dataset}",
        "Depth centroid (0: first layer, 1: last layer) under the attack, minus that of the same images before it, and "
        "minus that of clean images which the victim misclassifies with the same loss.",
        saliency,
        renderer="table_controls_saliency_depth",
    )
    of_pairs = "as measured and divided by their mean, of the same images and of images with the same loss"
    publications.table(
        f"controls_saliency_distances_{dataset}",
        f"Distance between the mean saliency profiles of two attacks: of profiles {of_pairs}.",
        saliency,
        renderer="table_controls_saliency_distances",
        misclassified=False,
    )
    publications.table(
        f"controls_saliency_misclassified_{dataset}",
        "Distance between the mean saliency profiles of an attack and of misclassified clean images that have the same "
        "loss: is a profile the attack's, or that of any misclassified image?",
        saliency,
        renderer="table_controls_saliency_distances",
        misclassified=True,
    )


def publish_profiles(
    measurements: DatasetMeasurements,
    publications: Publications,
    saliency: Input,
    attacks: dict[str, str],
    numbered_figures: set[str],
) -> None:
    """Figures 5 and 8 to 15: the parameter-saliency profiles of one victim."""
    victim = saliency.role["victim"]
    architecture = measurements.planner.configuration.models[victim].architecture
    number = PROFILE_FIGURES.get((measurements.entry.paper, architecture))
    if number in numbered_figures:
        number = None
    numbered_figures |= {number} - {None}
    names = {f"figure_{number}" if number else f"profiles_{victim}": True}
    if number == "8":
        names["figure_5"] = False
    for name, signed in names.items():
        publications.figure(
            name,
            f"Parameter-saliency profiles of {victim} on {measurements.entry.dataset}: filters sorted within each "
            "layer from most to least salient, averaged over the images misclassified only after the attack.",
            [saliency],
            renderer="figures_5_8_to_15_saliency_profiles",
            signed=signed,
            saliency_attacks=attacks,
        )


def publish_input_saliency(
    measurements: DatasetMeasurements, publications: Publications, attacks: dict[str, str]
) -> Input:
    """Figures 6 and 7: input-saliency heat maps of one victim, and what their most salient pixels have in common."""
    entry, models = measurements.entry, measurements.planner.configuration.models
    # The paper's text names ResNeXt50 for these figures, its captions ResNet50.
    resnet50 = [name for name in entry.victims if models[name].architecture == "resnet50"]
    victim = (resnet50 or entry.victims)[0]
    input_saliency = measurements.input_saliency(victim).as_input(
        name="input_saliency", dataset=entry.dataset, victim=victim
    )
    publications.figure(
        f"figure_{INPUT_SALIENCY_FIGURES[entry.paper]}" if entry.paper else f"input_saliency_{entry.dataset}",
        f"Input saliency of {victim} on {entry.dataset} for clean images and under every attack, below the images.",
        [input_saliency, measurements.dataset],
        renderer="figures_6_7_input_saliency",
        saliency_attacks=attacks,
    )
    publications.table(
        f"controls_input_saliency_{entry.dataset}",
        f"Most salient pixels that the maps of {victim} on {entry.dataset} have in common, by pairs of attacks and "
        "with the clean images.",
        [input_saliency],
        renderer="table_controls_input_saliency",
    )
    return input_saliency
