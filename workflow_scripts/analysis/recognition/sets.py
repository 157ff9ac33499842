"""Attack sets in parts on disk, as a recogniser reads them: whole in memory where a budget allows, else row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

import h5py
import numpy as np
import torch
from numpy.typing import NDArray

from workflow_scripts.analysis.recognition.losses import Batch
from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.inputs.adversarial_sets import read_columns

CLEAN = "clean"
BUDGET = 2 << 30
"""Bytes of images that are held in memory; what is more stays on disk. It decides no result."""
AT_ONCE = 128
"""Images that are read and quantised together on their way into memory."""
MOST_OPEN = 200
"""Parts' files that are open at once; processes may often have 1,024 and not more."""


@dataclass(frozen=True)
class Rows:
    """What is known of a group's images: position in the split, label, argmax Φ(x), and whether it was attacked."""

    index: NDArray
    label: NDArray
    believed: NDArray
    attacked: NDArray


@dataclass(frozen=True)
class Group:
    """What one configuration of an attack made of images against one victim, or, without `files`, the clean images.

    attack: class of the attack; victim: its number; name: the configuration's. files: the set's parts in order, of
    `sizes` images each.
    """

    attack: str
    victim: int
    name: str
    files: tuple[Path, ...]
    sizes: tuple[int, ...]
    rows: Rows

    @cached_property
    def starts(self) -> NDArray:
        return np.cumsum([0, *self.sizes])

    @cached_property
    def usable(self) -> NDArray:
        """Rows that show an attack: where the victim was wrong already, nothing was changed."""
        return np.flatnonzero(self.rows.attacked)


def attacked_group(attack: str, victim: int, name: str, files: Sequence[Path]) -> Group:
    """A group from its parts' files."""
    parts = [read_columns(path, ("index", "label", "predicted_before", "skipped")) for path in files]
    joined = {key: np.concatenate([part[key] for part in parts]) for key in parts[0]}
    rows = Rows(joined["index"], joined["label"], joined["predicted_before"], ~joined["skipped"])
    return Group(attack, victim, name, tuple(files), tuple(len(part["index"]) for part in parts), rows)


def clean_group(like: Group) -> Group:
    """The clean images of a group, as examples of no attack; all of them, also those that the victim gets wrong."""
    rows = Rows(like.rows.index, like.rows.label, like.rows.believed, np.ones(len(like.rows.index), bool))
    return Group(CLEAN, like.victim, CLEAN, (), (), rows)


@dataclass
class ImageSets:
    """Every group of one split, and their images.

    images: the split's clean images, uint8 (N, C, H, W), usually memory-mapped. classes: the attacks' names in the
    order of their numbers. quantisation: how attacked images pass through 8 bits before anyone sees them.
    """

    groups: Sequence[Group]
    images: NDArray
    classes: Sequence[str]
    quantisation: str
    budget: int = BUDGET
    _held: dict[int, NDArray] = field(default_factory=dict)
    _open: dict[Path, h5py.File] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Hold groups in memory, in their order, as long as they fit."""
        left = self.budget
        for number, group in enumerate(self.groups):
            each = int(np.prod(self.images.shape[1:])) * (4 if self.quantisation == "none" else 1)
            if group.files and len(group.rows.index) * each <= left:
                left -= len(group.rows.index) * each
                self._held[number] = self._whole(group)

    @property
    def held_bytes(self) -> int:
        return sum(images.nbytes for images in self._held.values())

    def by_class(self) -> Mapping[str, list[int]]:
        """Class → its groups' numbers; KeyError for a group of an unknown class."""
        numbers: dict[str, list[int]] = {name: [] for name in self.classes}
        for number, group in enumerate(self.groups):
            numbers[group.attack].append(number)
        return numbers

    def attacked_images(self, number: int, rows: NDArray) -> NDArray:
        """Images (n, C, H, W) float32 in [0, 1] of a group's rows, after the quantisation."""
        group = self.groups[number]
        if not group.files:
            return self.clean_images(number, rows)
        if number in self._held:
            return _as_float(self._held[number][rows])
        unique, back = np.unique(rows, return_inverse=True)  # HDF5 reads rows in ascending order, each once
        return _as_float(self._from_disk(group, unique)[back])

    def clean_images(self, number: int, rows: NDArray) -> NDArray:
        """The clean images (n, C, H, W) float32 in [0, 1] of a group's rows."""
        return _as_float(self.images[self.groups[number].rows.index[rows]])

    def batch(self, chosen: Sequence[tuple[int, NDArray]]) -> Batch:
        """The batch of the given (group number, rows), in that order."""
        columns: dict[str, list] = {name: [] for name in Batch.__dataclass_fields__}
        for number, rows in chosen:
            group = self.groups[number]
            columns["x_adv"].append(self.attacked_images(number, rows))
            columns["x"].append(self.clean_images(number, rows))
            columns["attack"].append(np.full(len(rows), self.classes.index(group.attack)))
            columns["victim"].append(np.full(len(rows), group.victim))
            columns["believed"].append(group.rows.believed[rows])
        return Batch(**{name: torch.from_numpy(np.concatenate(parts)) for name, parts in columns.items()})

    def _whole(self, group: Group) -> NDArray:
        """All rows of a group, a few at a time: quantised whole, in double precision, they take many times as much."""
        rows = np.arange(group.starts[-1])
        held = np.empty((len(rows), *self.images.shape[1:]), self._from_disk(group, rows[:1]).dtype)
        for first in range(0, len(rows), AT_ONCE):
            held[first : first + AT_ONCE] = self._from_disk(group, rows[first : first + AT_ONCE])
        for path in self._open.keys() & set(group.files):  # of very many parts the first are closed already
            self._open.pop(path).close()
        return held

    def _from_disk(self, group: Group, rows: NDArray) -> NDArray:
        """Rows in ascending order, quantised: uint8, or float32 where the quantisation is none."""
        parts = []
        for (start, stop), path in zip(_spans(group.starts), group.files, strict=True):
            here = rows[(rows >= start) & (rows < stop)] - start
            if len(here):
                together = here[-1] - here[0] + 1 == len(here)  # HDF5 reads a slice many times as fast
                chosen = slice(here[0], here[-1] + 1) if together else here
                parts.append(self._quantised(self._file(path)["x_adv"][chosen]))
        return np.concatenate(parts)

    def _quantised(self, stored: NDArray) -> NDArray:
        if stored.dtype == np.uint8:
            return stored
        return quantise(torch.from_numpy(stored), self.quantisation).numpy()

    def _file(self, path: Path) -> h5py.File:
        if path not in self._open:
            while len(self._open) >= MOST_OPEN:  # the one that was opened first
                self._open.pop(next(iter(self._open))).close()
            self._open[path] = h5py.File(path, "r", locking=False)
        return self._open[path]


def _spans(starts: NDArray) -> list[tuple[int, int]]:
    return [(int(a), int(b)) for a, b in zip(starts[:-1], starts[1:], strict=True)]


def _as_float(images: NDArray) -> NDArray:
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else np.asarray(images)


def draw(sets: ImageSets, count: int, generator: np.random.Generator) -> list[tuple[int, NDArray]]:
    """A training batch as published: each image's class uniformly, then its (victim, configuration), then its row.

    Classes whose every set is empty (an attack that attacked nothing) are passed over.
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
