"""What a recogniser's job is handed: victims, image sets and the pipeline that its recipe asks for.

Roles: `dataset`; `victim` with its number; `part` with victim, class of the attack, number of the configuration and
first image; `perceptual`, VGG16's weights.
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from safetensors.torch import load_file

from workflow_scripts.analysis.recognition.losses import LossNetworks, Weights
from workflow_scripts.analysis.recognition.perception import Vgg16Features, WithFeatures
from workflow_scripts.analysis.recognition.pipeline import Pipeline, Sizes
from workflow_scripts.analysis.recognition.sets import BUDGET, CLEAN, ImageSets, attacked_group, clean_group
from workflow_scripts.analysis.recognition.training import RecogniserHyperparameters
from workflow_scripts.inputs.adversarial_sets import FILE
from workflow_scripts.jobs.job import Job
from workflow_scripts.models.classifier import Classifier, load_classifier
from workflow_scripts.recipes.exact_numbers import to_float


def load_victims(job: Job) -> list[Classifier]:
    """The victims by their numbers, frozen, on the job's device."""
    found = sorted(job.all(name="victim"), key=lambda item: item.role["victim"])
    return [
        load_classifier(
            item.artifact.metrics["description"],
            item.artifact.file(f"{item.role['checkpoint']}.safetensors"),
            job.device,
        )
        for item in found
    ]


def load_sets(job: Job, split: str, budget: int = BUDGET) -> ImageSets:
    """Every (class, victim, configuration) of one split, the clean images of each victim first."""
    files = defaultdict(list)
    for item in job.all(name="shard"):
        role = item.role
        key = (role["victim"], job.parameters["classes"].index(role["class"]), role["configuration"])
        files[key].append((role["start"], item.artifact.file(FILE)))
    groups, seen = [], set()
    for (victim, attack, configuration), parts in sorted(files.items()):
        name = job.parameters["classes"][attack]
        group = attacked_group(name, victim, str(configuration), [path for _, path in sorted(parts)])
        if victim not in seen:
            groups.append(clean_group(group))
            seen.add(victim)
        groups.append(group)
    images = np.load(job.one(name="dataset").file(split) / "images.npy", mmap_mode="r")
    return ImageSets(groups, images, [CLEAN, *job.parameters["classes"]], job.parameters["quantisation"], budget)


def make_pipeline(parameters: dict, channels: int) -> Pipeline:
    """The untrained pipeline of a recipe, for images of so many channels."""
    sizes = parameters["sizes"]
    chosen = Sizes(sizes["channels"], sizes["blocks"], to_float(sizes["width"]), sizes["small_stem"])
    return Pipeline(parameters["sees"], channels, len(parameters["classes"]) + 1, chosen)


def make_judges(job: Job, victims: list[Classifier]) -> LossNetworks:
    """The victims, and VGG16's third block where the recipe has its weights."""
    weights = job.all(name="perceptual")
    perceptual = None
    if weights:
        perceptual = Vgg16Features(load_file(weights[0].artifact.file("weights.safetensors"))).to(job.device)
    return LossNetworks([WithFeatures(victim) for victim in victims], perceptual)


def hyperparameters(parameters: dict) -> RecogniserHyperparameters:
    """The training's numbers from the recipe's exact ones."""
    training = parameters["training"]
    exact = ("learning_rate", "weight_decay", "label_smoothing")
    plain = {name: value for name, value in training.items() if name not in exact}
    return RecogniserHyperparameters(
        **{**plain, "milestones": tuple(training["milestones"])},
        **{name: to_float(training[name]) for name in exact},
        weights=Weights(**{name: to_float(value) for name, value in parameters["weights"].items()}),
    )
