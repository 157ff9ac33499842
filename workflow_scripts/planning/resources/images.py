"""Number and size of a data set's images, as far as the configuration and the source tell before one is read."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_scripts.configuration.schema.sources import SOURCES
from workflow_scripts.recipes.recipe import Recipe

DEFAULT_IMAGES, DEFAULT_SIDE = 50_000, 64
"""Assumed for the user's own files: as many images as CIFAR-10 has, of Tiny ImageNet's size."""
CLASSES = {"tiny_imagenet": 200}
DEFAULT_CLASSES = 10


@dataclass(frozen=True)
class Images:
    """A data set: images per split, channels, side in pixels, classes; `source`: images read to make it."""

    train: int
    validation: int
    test: int
    channels: int
    side: int
    classes: int
    source: int

    @property
    def values(self) -> int:
        """Values per image."""
        return self.channels * self.side**2

    @property
    def bytes(self) -> int:
        """Size of all splits together as uint8."""
        return self.values * (self.train + self.validation + self.test)


def images_of(dataset: Recipe) -> Images:
    """The images that a data set's recipe asks for, at most."""
    facts, wanted = SOURCES[dataset.parameters["source"]], dataset.parameters["split"]
    pool = facts.pool or DEFAULT_IMAGES
    own_test = facts.test or (DEFAULT_IMAGES if facts.own_test and wanted["test"] is None else 0)
    test = own_test if wanted["test"] is None else wanted["test"]
    rest = max(1, pool - (0 if facts.validation else wanted["validation"]) - (0 if own_test else test))
    train = rest if wanted["train"] is None else min(wanted["train"], rest)
    return Images(
        train=train,
        validation=wanted["validation"],
        test=test,
        channels=facts.channels or 3,
        side=dataset.parameters["image_size"] or facts.size or DEFAULT_SIDE,
        classes=facts.classes or CLASSES.get(dataset.parameters["source"], DEFAULT_CLASSES),
        source=pool + (own_test or 0),
    )
