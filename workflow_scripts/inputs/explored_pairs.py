"""Some pairs of an adversarial set beside everything that was measured of them, for the results page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.explored_saliency import InputSaliency, Saliency, read_input_saliency, read_saliency
from workflow_scripts.inputs.explored_series import Series, read_series
from workflow_scripts.inputs.splits import read_split
from workflow_scripts.store.artifact import Artifact

COLUMNS = ("index", "label", "skipped", "success", "l0", "l2", "linf", "iteration", "forwards", "backwards")


@dataclass(frozen=True)
class ExploredPairs:
    """n pairs of a natural and an adversarial image.

    columns: the set's per-sample columns (n,) by name; natural, adversarial: float32 (n, C, H, W) in [0, 1].
    series: by name, those that were measured, as in `explored_series.read_series`.
    saliency, input_saliency: None where they were not measured.
    """

    columns: dict[str, NDArray]
    natural: NDArray
    adversarial: NDArray
    series: dict[str, Series]
    saliency: Saliency | None
    input_saliency: InputSaliency | None


def read_explored_pairs(inputs: Inputs, role: dict, made: Artifact, dataset: Artifact, count: int) -> ExploredPairs:
    """At most `count` attacked pairs of the adversarial set `made`, whose role among the page's inputs is `role`.

    dataset: what the set was made from. Images whose saliency is known are preferred; the order is the set's.
    """
    names = {"model": role["model"], "attack": role["attack"]}
    found = read_columns(made.file(FILE), COLUMNS)
    saliency = input_saliency = None
    if "class" in role:
        saliency = read_saliency(inputs.all(name="saliency", model=role["model"]), role["class"])
        input_saliency = read_input_saliency(inputs.all(name="input_saliency", model=role["model"]), role["class"])
    known = [each.index for each in (input_saliency, saliency) if each is not None]
    rows = chosen_rows(found["index"], ~found["skipped"], known, count)
    columns = {name: values[rows] for name, values in found.items()}
    images, _ = read_split(dataset.file(made.parameters["images"]["split"]), mapped=True)
    return ExploredPairs(
        columns,
        to_unit_range(images[columns["index"]]),
        read_images(made.file(FILE), rows),
        read_series(inputs, names, columns["index"]),
        saliency,
        input_saliency,
    )


def chosen_rows(index: NDArray, attacked: NDArray, known: list[NDArray], count: int) -> NDArray:
    """The rows of `count` attacked images at most, ascending: those in the first of `known`, in the next, then others.

    index (N,): the images' positions in their split; attacked (N,) bool; known: positions in the split. Of more images
    than there is room for, some at equal distances are taken, as many sets are in the order of their classes.
    """
    chosen: list[int] = []
    for preferred in [*(np.isin(index, each) for each in known), np.ones(len(index), bool)]:
        rows = np.setdiff1d(np.flatnonzero(attacked & preferred), chosen)
        room = min(count - len(chosen), len(rows))
        chosen += rows[np.linspace(0, len(rows) - 1, room).round().astype(int)].tolist() if room else []
    return np.array(sorted(chosen), int)
