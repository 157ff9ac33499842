"""Data sets: images and channels that their sources do not have, and normalisations in grey levels."""

from __future__ import annotations

from collections.abc import Iterator

from workflow_scripts.configuration.schema.data import Dataset
from workflow_scripts.configuration.schema.sources import SOURCES
from workflow_scripts.recipes.exact_numbers import to_text


def dataset_mistakes(where: str, dataset: Dataset) -> Iterator[str]:
    """Mistakes in the data set at the key `where`."""
    facts, wanted = SOURCES[dataset.source], dataset.split
    for key in ("mean", "std"):
        count = len(getattr(dataset, key))
        if facts.channels is not None and count not in (1, facts.channels):
            allowed = "1 number" if facts.channels == 1 else f"1 or {facts.channels} numbers"
            yield f"{where}.{key}: has {count} numbers, but images of {dataset.source} take {allowed}"
        elif count not in (1, 3):
            yield f"{where}.{key}: has {count} numbers: give 1, or 3 for colour images"
        beyond = [value for value in getattr(dataset, key) if not 0 <= value <= 1]
        if beyond:
            yield f"{where}.{key}: {to_text(beyond[0])} is not in 0 … 1, as pixel values are: divide grey levels by 255"
    if facts.test is not None and (wanted.test or 0) > facts.test:
        yield f"{where}.split.test: {wanted.test} is more than the {facts.test} test images of {dataset.source}"
    if facts.pool is None:
        return
    parts = {
        "train": wanted.train,
        "validation": None if facts.validation else wanted.validation,
        "test": None if facts.test else wanted.test,
    }
    total = sum(count or 0 for count in parts.values())
    if total > facts.pool or (total == facts.pool and wanted.train is None):
        said = " + ".join(f"{part} {count}" for part, count in parts.items() if count is not None)
        kind = "training images" if facts.test else "images"
        if wanted.train is None:
            yield f"{where}.split: {said} leaves no image to train on: {dataset.source} has {facts.pool} {kind}"
        else:
            yield f"{where}.split: {said} = {total} is more than the {facts.pool} {kind} of {dataset.source}"


def image_size(dataset: Dataset) -> int | None:
    """The side of a data set's images in pixels; None where only the files tell."""
    return dataset.image_size or SOURCES[dataset.source].size


def split_limits(dataset: Dataset) -> dict[str, int | None]:
    """The most images that the splits `train` and `test` can have; None where only the files tell."""
    facts, wanted = SOURCES[dataset.source], dataset.split
    train = wanted.train
    if train is None and facts.pool is not None:
        held_out = 0 if facts.validation else wanted.validation
        train = facts.pool - held_out - (0 if facts.test else wanted.test or 0)
    return {"train": train, "test": wanted.test or facts.test}
