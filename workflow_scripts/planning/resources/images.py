"""How many images of which size a recipe's data set has, as far as configuration and source tell before one is read."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_scripts.configuration.schema.sources import SOURCES
from workflow_scripts.recipes.recipe import Recipe

UNTOLD_IMAGES, UNTOLD_SIDE = 50_000, 64
"""Taken for the user's own files where nothing tells: as many images as CIFAR-10 has, of Tiny ImageNet's size."""
CLASSES = {"tiny_imagenet": 200}
FEW_CLASSES = 10


@dataclass(frozen=True)
class Images:
    """A data set: images of each part, channels, side in pixels, classes; `source` counts what is read to make it."""

    train: int
    validation: int
    test: int
    channels: int
    side: int
    classes: int
    source: int

    @property
    def values(self) -> int:
        """Numbers in one image."""
        return self.channels * self.side**2

    @property
    def bytes(self) -> int:
        """Of all parts together, one a value."""
        return self.values * (self.train + self.validation + self.test)


def images_of(dataset: Recipe) -> Images:
    """The images that a data set's recipe asks for, at most."""
    facts, wanted = SOURCES[dataset.parameters["source"]], dataset.parameters["split"]
    pool = facts.pool or UNTOLD_IMAGES
    own_test = facts.test or (UNTOLD_IMAGES if facts.own_test and wanted["test"] is None else 0)
    test = own_test if wanted["test"] is None else wanted["test"]
    rest = max(1, pool - wanted["validation"] - (0 if own_test else test))
    train = rest if wanted["train"] is None else min(wanted["train"], rest)
    return Images(
        train=train,
        validation=wanted["validation"],
        test=test,
        channels=facts.channels or 3,
        side=dataset.parameters["image_size"] or facts.size or UNTOLD_SIDE,
        classes=CLASSES.get(dataset.parameters["source"], FEW_CLASSES),
        source=pool + (own_test or 0),
    )
