"""Names of the study's classes, victims and recognisers, and the published values of their rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Key

CLEAN, TOTAL = "clean", "total"
MISCLASSIFIED = "misclassified"
"""Clean images that a victim misclassifies, a class of its saliency."""
CLASS_KEY = Key("class", "Class")
RECOGNISERS = {
    "image": "I_adv",
    "perturbation": "(δ, I_adv)",
    "redrl": "(I_r, I_adv)",
    "ablation_a": "A",
    "ablation_b": "B",
    "ablation_c": "C",
}
"""Recogniser → what it sees, or its ablation, in the paper's notation."""

DATASET_STRIDE = 1 << 32
"""Added to an image's number for each data set before its own, so that no two data sets share an image."""


def attack_classes(inputs: Inputs) -> dict[str, list[str]]:
    """The classes of attacks in order, each with its configurations."""
    return dict(inputs.parameters["classes"])


def all_classes(inputs: Inputs) -> list[str]:
    """All classes that a recogniser distinguishes, the clean images' first."""
    return [CLEAN, *attack_classes(inputs)]


def paper_datasets(inputs: Inputs) -> dict[str, str | None]:
    """The data sets in order, each with the paper's data set that it stands for, if any."""
    return dict(inputs.parameters["papers"])


def victims_by_dataset(inputs: Inputs) -> dict[str, list[str]]:
    """The data sets in order, each with the names of its victims."""
    return dict(inputs.parameters["victims"])


def image_numbers(inputs: Inputs, dataset: str, index: NDArray) -> NDArray:
    """Numbers (N,) that tell the test images of all data sets apart; index: (N,) their positions in the split."""
    return index.astype(np.int64) + DATASET_STRIDE * list(paper_datasets(inputs)).index(dataset)


def only_dataset(inputs: Inputs) -> str:
    """The data set of a table about a single one."""
    (dataset,) = paper_datasets(inputs)
    return dataset


def published_value(inputs: Inputs, published: PublishedTable, column: str, dataset: str, **keys: str) -> float | None:
    """The published value for the paper's data set that `dataset` stands for; None where there is none.

    keys: the row's keys; `victim` is looked up by its architecture.
    """
    paper = paper_datasets(inputs)[dataset]
    if paper is None:
        return None
    if "victim" in keys:
        keys["architecture"] = inputs.parameters["architectures"][keys.pop("victim")]
    return published.lookup({"dataset": paper, **keys}, column)
