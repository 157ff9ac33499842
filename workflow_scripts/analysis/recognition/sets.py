"""The images that a recogniser learns from and is tested on: one group per class, victim and attack configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
import torch
from numpy.typing import NDArray

from workflow_scripts.analysis.recognition.losses import Batch
from workflow_scripts.data.pixels import to_unit_range

CLEAN = "clean"
"""The class of images that were not attacked."""


class IndexedImages(Protocol):
    """Images that are read by row: an array, or a reader of files."""

    def __getitem__(self, rows: NDArray) -> NDArray:
        """The images (n, C, H, W) of `rows` (n,), in any order: uint8, or float32 in [0, 1]."""
        ...


@dataclass(frozen=True)
class GroupRows:
    """What is known of a group's images, (N,) each.

    index: position in the split; label: true class; clean_prediction: the victim's prediction for the clean image,
    argmax Φ(x); attacked: False where the victim was wrong before the attack, so that the image was left unchanged.
    """

    index: NDArray
    label: NDArray
    clean_prediction: NDArray
    attacked: NDArray


@dataclass(frozen=True)
class ImageGroup:
    """The adversarial images of one attack configuration against one victim; without `images`, the clean images.

    attack: class of the attack; victim: its number; name: the configuration's.
    """

    attack: str
    victim: int
    name: str
    rows: GroupRows
    images: IndexedImages | None = None

    @property
    def is_clean(self) -> bool:
        """Whether the group shows the clean images."""
        return self.images is None

    @cached_property
    def usable(self) -> NDArray:
        """Rows that are examples of their class: images that were not attacked show no attack."""
        return np.flatnonzero(self.rows.attacked)


def clean_group(like: ImageGroup) -> ImageGroup:
    """The clean images of a group, all of them: those that the victim gets wrong are clean images too."""
    rows = GroupRows(like.rows.index, like.rows.label, like.rows.clean_prediction, np.ones(len(like.rows.index), bool))
    return ImageGroup(CLEAN, like.victim, CLEAN, rows)


@dataclass(frozen=True)
class ImageSets:
    """Every group of one split, and the split's clean images.

    images: uint8 (N, C, H, W), usually memory-mapped; `rows.index` of the groups points into it. classes: the names of
    the classes in the order of their numbers, `CLEAN` among them.
    """

    groups: Sequence[ImageGroup]
    images: NDArray
    classes: Sequence[str]

    def by_class(self) -> Mapping[str, list[int]]:
        """Class → its groups' numbers; KeyError for a group of an unknown class."""
        numbers: dict[str, list[int]] = {name: [] for name in self.classes}
        for number, group in enumerate(self.groups):
            numbers[group.attack].append(number)
        return numbers

    def attacked_images(self, number: int, rows: NDArray) -> NDArray:
        """Images (n, C, H, W) float32 in [0, 1] of a group's rows; of a clean group, its clean images."""
        group = self.groups[number]
        return self.clean_images(number, rows) if group.images is None else to_unit_range(group.images[rows])

    def clean_images(self, number: int, rows: NDArray) -> NDArray:
        """The clean images (n, C, H, W) float32 in [0, 1] of a group's rows."""
        return to_unit_range(self.images[self.groups[number].rows.index[rows]])

    def batch(self, chosen: Sequence[tuple[int, NDArray]]) -> Batch:
        """The batch of the given (group number, rows), in that order."""
        columns: dict[str, list] = {name: [] for name in Batch.__dataclass_fields__}
        for number, rows in chosen:
            group = self.groups[number]
            columns["x_adv"].append(self.attacked_images(number, rows))
            columns["x"].append(self.clean_images(number, rows))
            columns["attack"].append(np.full(len(rows), self.classes.index(group.attack)))
            columns["victim"].append(np.full(len(rows), group.victim))
            columns["clean_prediction"].append(group.rows.clean_prediction[rows])
        return Batch(**{name: torch.from_numpy(np.concatenate(parts)) for name, parts in columns.items()})


def draw_rows(sets: ImageSets, count: int, generator: np.random.Generator) -> list[tuple[int, NDArray]]:
    """(group number, rows) of a training batch: per image first its class, then its group, then its row, uniformly.

    Classes whose groups hold no usable image (an attack that attacked nothing) are left out.
    """
    groups = {name: [n for n in numbers if len(sets.groups[n].usable)] for name, numbers in sets.by_class().items()}
    names = [name for name, numbers in groups.items() if numbers]
    rows: dict[int, list[int]] = {}
    for class_draw, group_draw, row_draw in generator.random((count, 3)):
        numbers = groups[names[int(class_draw * len(names))]]
        number = numbers[int(group_draw * len(numbers))]
        usable = sets.groups[number].usable
        rows.setdefault(number, []).append(int(usable[int(row_draw * len(usable))]))
    return [(number, np.array(chosen)) for number, chosen in sorted(rows.items())]
