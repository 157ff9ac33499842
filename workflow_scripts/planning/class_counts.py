"""How many classes a data set has, as far as its files' names and headers tell; and targets of attacks beyond them."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from workflow_scripts.configuration.load import ConfigurationError
from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.configuration.schema.sources import SOURCES
from workflow_scripts.data.npz_layout import check_arrays, read_headers
from workflow_scripts.data.source_files import locate
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.source_content import array_names

CLASS_FOLDERS = {"folder": 0, "tiny_imagenet": 1}
"""Source → which part of a training image's path is its class."""


def count_classes(dataset: Dataset, data: Path) -> int | None:
    """The number of classes of a configured data set, whose files lie below `data`; None where only labels tell."""
    known = SOURCES[dataset.source].classes
    if known is None and dataset.source in CLASS_FOLDERS:
        return _class_folders(dataset.source, dataset.path, data)
    return _named_classes(data / dataset.path, dataset) if dataset.source == "npz" else known


def _class_folders(source: str, path: str, data: Path) -> int:
    root = data / path
    folders = {file.relative_to(root).parts for file in locate({"name": source, "path": path}, data)}
    return len({parts[CLASS_FOLDERS[source]] for parts in folders if source == "folder" or parts[0] == "train"})


def _named_classes(path: Path, dataset: Dataset) -> int | None:
    """The classes of arrays that list their names, or have one-hot labels."""
    headers, roles = read_headers(path), check_arrays(path, array_names(dataset))
    if "class_names" in roles:
        return headers[roles["class_names"]].shape[0]
    labels = headers[roles["labels"]].shape
    return labels[1] if len(labels) == 2 and 1 not in labels else None


def check_targets(configuration: Configuration, plan: Plan) -> None:
    """ConfigurationError, one line per attack, where a target is a class that the attacked images' data set has not."""

    @cache
    def classes_of(name: str) -> int | None:
        return count_classes(configuration.datasets[name], Path(configuration.execution.data))

    mistakes = {}
    for recipe in plan.recipes.values():
        target = recipe.parameters["settings"].get("target") if recipe.kind == "adversarial" else None
        if not isinstance(target, int):
            continue
        (dataset,) = (plan.recipes[item.folder] for item in recipe.inputs if item.kind == "dataset")
        name = dataset.keys["entry"].removeprefix("datasets.")
        classes = classes_of(name)
        if classes is not None and target >= classes:
            mistakes[recipe.keys["entry"], name] = (
                f"{recipe.keys['entry']}.target: {target} is no class of datasets.{name}, which has 0 to {classes - 1}"
            )
    if mistakes:
        raise ConfigurationError("\n".join(mistakes.values()))
