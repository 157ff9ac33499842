"""Some pairs of an adversarial set beside everything that was measured of them, for the results page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.explored_saliency import InputSaliency, Saliency, read_input_saliency, read_saliency
from workflow_scripts.inputs.splits import read_split
from workflow_scripts.store.artifact import Artifact

COLUMNS = ("index", "label", "skipped", "success", "l0", "l2", "linf", "iteration", "forwards", "backwards")
CLEAN_RANGE = (0.05, 0.95)
"""Quantiles of clean images' own paths between which the page draws a band."""


@dataclass(frozen=True)
class Series:
    """One quantity by layer.

    layers: K names; images (n, K): of the pairs shown, NaN where a pair was not measured; mean (K,): over all attacked
    images of the set. clean (K,), low, high (K,): mean and quantiles CLEAN_RANGE over clean images, None where those
    were not measured.
    """

    layers: list[str]
    images: NDArray
    mean: NDArray
    clean: NDArray | None = None
    low: NDArray | None = None
    high: NDArray | None = None


@dataclass(frozen=True)
class ExploredPairs:
    """n pairs of a natural and an adversarial image.

    columns: the set's per-sample columns (n,) by name; natural, adversarial: float32 (n, C, H, W) in [0, 1].
    series: by name (`iip`, `oip` in nats; `maximum`, `total` of response differences; those that were measured).
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
    series = {**read_paths(inputs, names, columns["index"]), **read_responses(inputs, names, columns["index"])}
    return ExploredPairs(
        columns,
        to_unit_range(images[columns["index"]]),
        read_images(made.file(FILE), rows),
        series,
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


def aligned(index: NDArray, values: NDArray, wanted: NDArray) -> NDArray:
    """The rows of `values` (N, K), measured of the images `index` (N,), for the images `wanted` (n,); else NaN."""
    result = np.full((len(wanted), *values.shape[1:]), np.nan)
    position = {int(image): row for row, image in enumerate(index)}
    for row, image in enumerate(wanted):
        if int(image) in position:
            result[row] = values[position[int(image)]]
    return result


def read_paths(inputs: Inputs, names: dict, index: NDArray) -> dict[str, Series]:
    """The information paths IIP and OIP of the images `index`; empty where they were not measured."""
    attacked = inputs.all(name="paths", **names)
    if not attacked:
        return {}
    clean = inputs.all(name="clean_paths", model=names["model"])
    group, found = group_name(attacked[0].role["target"], "attacked"), {}
    with np.load(attacked[0].artifact.file("aggregate.npz")) as content:
        layers, images = content["layers"].tolist(), content[f"{group}/images"]
        for path in ("iip", "oip"):
            own = content[f"{group}/{path}_inputs"]
            reference = clean_path(clean[0].artifact, path) if clean else (None, None, None)
            found[path] = Series(layers, aligned(images, own, index), content[f"{group}/{path}_mean"], *reference)
    return found


def clean_path(aggregate: Artifact, path: str) -> tuple[NDArray, NDArray, NDArray]:
    """The aggregated path (K,) of clean images, and the quantiles of their own paths."""
    group = group_name("", "all")
    with np.load(aggregate.file("aggregate.npz")) as content:
        low, high = np.quantile(content[f"{group}/{path}_inputs"], CLEAN_RANGE, axis=0)
        return content[f"{group}/{path}_mean"], low, high


def read_responses(inputs: Inputs, names: dict, index: NDArray) -> dict[str, Series]:
    """The maximum and total response differences of the images `index`; empty where they were not measured."""
    measured = inputs.all(name="responses", **names)
    if not measured:
        return {}
    with np.load(measured[0].artifact.file("responses.npz")) as content:
        layers, attacked = content["layers"].tolist(), ~content["skipped"]
        return {
            measure: Series(
                layers, aligned(content["index"], content[measure], index), content[measure][attacked].mean(0)
            )
            for measure in ("maximum", "total")
        }
