"""The atlas: tables and figures that compare every model under every attack, beside the controls."""

from __future__ import annotations

from workflow_scripts.configuration.schema.atlas import Atlas
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies.atlas.measurements import Measurements
from workflow_scripts.planning.studies.publications import Publications

STUDY = "atlas"
INTERVALS = "with 95% bootstrap intervals over images"
TABLES = {
    "attacks": "What each attack reaches on each model, at what distance and cost, beside its controls, "
    f"{INTERVALS}. Local optimality, of attacks that search for the nearest example: the area between the curve of "
    "accuracy by distance and clean accuracy, over that of the best of all attacks on each image.",
    "transfer": "The share of the successful examples made against one model that another model, which classifies the "
    "clean image correctly, misclassifies, with Wilson's 95% intervals.",
    "information": f"Shifts of the input and output information paths from each image's own clean path, {INTERVALS}, "
    "by relative depth: as published, by chance, and beyond chance.",
    "responses": f"Differences of local responses over those of the control of the same size, {INTERVALS}, by relative "
    "depth.",
    "spectrum": "The share of the perturbation's energy in eight radial bands up to the spectrum's corner, "
    f"{INTERVALS}; and the largest low-pass radius, as a share of half the side, at which the clean prediction is "
    "there.",
    "saliency": f"Where along the network filters are salient (0: first layer, 1: last layer), {INTERVALS}.",
    "saliency_distances": "Distances between the saliency profiles that attacks leave in a model, with paired "
    "permutation tests.",
    "fingerprints": "The fingerprint of each attack on each model: shifts of information beyond chance, responses over "
    "the control's, shifts of saliency, and energy by band, with its split-half standard deviation.",
    "variance": "How much of the squared distances between fingerprints is the attack's and how much the model's: R² "
    "with permutation tests (PERMANOVA).",
}
"""Table → its caption; its renderer is `table_<name>`."""
FIGURES = {
    "success_by_distance": "Images that each attack deceives a model on, by the distance that it moves them.",
    "transfer": "Transfer between models, for each attack.",
    "information": f"Shifts of information paths beyond chance by relative depth, {INTERVALS}.",
    "responses": f"Local responses over those of the control, by relative depth, {INTERVALS}.",
    "spectrum": f"Energy of the perturbations by radial band, {INTERVALS}.",
    "saliency": f"Shifts of saliency between relative depths, {INTERVALS}.",
    "similarity": "Distances between fingerprints, in units of what another choice of images makes, in the order of "
    "their clustering (average linkage).",
    "map": "Attacks and models on a plane by the distances between their fingerprints (classical scaling).",
}
"""Figure → its caption; its renderer is `figure_<name>`."""


def plan_atlas(planner: Planner, study: Atlas) -> None:
    """Add every recipe and publication of the study."""
    measurements = Measurements(planner, study)
    listed = {"models": study.models, "attacks": study.attacks, "controls": study.controls}
    publications = Publications(planner, STUDY, [], **listed)
    inputs = [*measurements.sets(), *measurements.reactions()]
    for name, caption in TABLES.items():
        publications.table(name, caption, inputs, renderer=f"table_{name}")
    for name, caption in FIGURES.items():
        publications.figure(name, caption, inputs, renderer=f"figure_{name}")
