"""What a recogniser's job reads: victims, image sets, and the pipeline and hyperparameters of its recipe.

Roles of its inputs: `dataset`; `victim` with its number; `shard` with victim, class of the attack, number of the
configuration and position of the first image; `perceptual`, VGG16's weights.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from safetensors.torch import load_file

from workflow_scripts.analysis.recognition.losses import LossNetworks, LossWeights
from workflow_scripts.analysis.recognition.perception import Vgg16Features, WithFeatures
from workflow_scripts.analysis.recognition.pipeline import NetworkSizes, Pipeline
from workflow_scripts.analysis.recognition.sets import CLEAN, GroupRows, ImageGroup, ImageSets, clean_group
from workflow_scripts.analysis.recognition.training import RecogniserHyperparameters
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.classifiers import load_checkpoint
from workflow_scripts.inputs.sharded_images import OpenFiles, ShardedImages, read_shard_columns, shard_files
from workflow_scripts.models.classifier import Classifier
from workflow_scripts.recipes.exact_numbers import to_float

MEMORY_LIMIT = 2 << 30
"""Bytes of adversarial images that are held in memory; the others stay on disk. It does not change results."""


def load_victims(inputs: Inputs, device: str) -> list[Classifier]:
    """The victims in the order of their numbers, in evaluation mode with frozen parameters."""
    victims = sorted(inputs.all(name="victim"), key=lambda item: item.role["victim"])
    return [load_checkpoint(item.artifact, item.role["checkpoint"], device) for item in victims]


def load_sets(inputs: Inputs, split: str, memory_limit: int = MEMORY_LIMIT) -> ImageSets:
    """Every (class, victim, configuration) of one split, the clean images of each victim first.

    Groups are held in memory, in this order, as long as they fit into `memory_limit` bytes; the others are read row by
    row. Results do not depend on it.
    """
    classes, quantisation = inputs.parameters["classes"], inputs.parameters["quantisation"]
    images = np.load(inputs.one(name="dataset").file(split) / "images.npy", mmap_mode="r")
    image_bytes = int(np.prod(images.shape[1:])) * (4 if quantisation == "none" else 1)
    files = shard_files(inputs, lambda role: (role["victim"], classes.index(role["class"]), role["configuration"]))
    open_files, left = OpenFiles(), memory_limit
    groups: list[ImageGroup] = []
    for (victim, attack, configuration), shards in sorted(files.items()):
        group = read_group(classes[attack], victim, str(configuration), shards, quantisation, open_files)
        if not any(other.victim == victim for other in groups):
            groups.append(clean_group(group))
        if len(group.images) * image_bytes <= left:
            left -= len(group.images) * image_bytes
            group = replace(group, images=group.images.load())
        groups.append(group)
    return ImageSets(groups, images, [CLEAN, *classes])


def read_group(
    attack: str, victim: int, name: str, files: Sequence[Path], quantisation: str, open_files: OpenFiles | None = None
) -> ImageGroup:
    """One attack configuration against one victim, from its shards' files; its images stay on disk."""
    columns = read_shard_columns(files, ("index", "label", "predicted_before", "skipped"))
    rows = GroupRows(columns["index"], columns["label"], columns["predicted_before"], ~columns["skipped"])
    return ImageGroup(attack, victim, name, rows, ShardedImages(files, quantisation, open_files))


def bytes_in_memory(sets: ImageSets) -> int:
    """Bytes of adversarial images that are held in memory."""
    return sum(group.images.nbytes for group in sets.groups if isinstance(group.images, np.ndarray))


def build_pipeline(parameters: dict, channels: int) -> Pipeline:
    """The untrained pipeline of a recipe for images with this number of channels."""
    sizes = parameters["sizes"]
    chosen = NetworkSizes(sizes["channels"], sizes["blocks"], to_float(sizes["width"]), sizes["small_stem"])
    return Pipeline(parameters["sees"], channels, len(parameters["classes"]) + 1, chosen)


def load_loss_networks(inputs: Inputs, victims: list[Classifier], device: str) -> LossNetworks:
    """The victims, and VGG16's third block where the recipe has its weights."""
    weights = inputs.all(name="perceptual")
    perceptual = None
    if weights:
        perceptual = Vgg16Features(load_file(weights[0].artifact.file("weights.safetensors"))).to(device)
    return LossNetworks([WithFeatures(victim) for victim in victims], perceptual)


def training_hyperparameters(parameters: dict) -> RecogniserHyperparameters:
    """The training's numbers, the recipe's exact ones as floating-point numbers."""
    training = parameters["training"]
    exact = ("learning_rate", "weight_decay", "label_smoothing")
    plain = {name: value for name, value in training.items() if name not in exact}
    return RecogniserHyperparameters(
        **{**plain, "milestones": tuple(training["milestones"])},
        **{name: to_float(training[name]) for name in exact},
        weights=LossWeights(**{name: to_float(value) for name, value in parameters["weights"].items()}),
    )
