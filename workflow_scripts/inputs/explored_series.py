"""Quantities by layer of some pairs, beside clean images and controls, for the results page."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.store.artifact import Artifact

CLEAN_RANGE = (0.05, 0.95)
"""Quantiles of clean images' own paths between which the page draws a band."""
REACTIONS = {
    "iip": ("iip", "path_layers"),
    "oip": ("oip", "path_layers"),
    "maximum": ("maximum", "layers"),
    "total": ("total", "layers"),
    "saliency": ("salience", "filter_layers"),
}
"""Series → the array and the names of layers in reactions.npz."""
RESPONSES = ("maximum", "total")


@dataclass(frozen=True)
class Line:
    """values: (K,) of many images, or (n, K) of the n pairs shown, NaN where one was not measured. low, high (K,): a
    band around them, None without.
    """

    name: str
    values: NDArray
    low: NDArray | None = None
    high: NDArray | None = None


@dataclass(frozen=True)
class Series:
    """One quantity in K layers: lines of many images, and lines of each pair, first that of the attacked image."""

    layers: list[str]
    common: list[Line]
    own: list[Line]


def read_series(inputs: Inputs, names: dict, index: NDArray) -> dict[str, Series]:
    """What was measured of the images `index` (n,), by name; names: `model` and `attack` in the inputs' roles.

    iip, oip: information paths in nats; maximum, total: response differences; saliency: of filters. Where a measurement
    of everything on the same images exists, its series are taken, which have the pair's clean image and its controls.
    """
    found = read_paths(inputs, names, index) | read_responses(inputs, names, index)
    for item in inputs.all(name="reactions", **names):
        found |= read_reactions(item.artifact, index)
    return found


def attacked_line(values: NDArray) -> Line:
    return Line("this image", values)


def control_line(kind: str, values: NDArray) -> Line:
    return Line(f"its control, {kind}", values)


def all_line(values: NDArray) -> Line:
    """The mean over images, (N, K) or (K,) already."""
    return Line("all attacked images", values if values.ndim == 1 else values.mean(0))


def aligned(index: NDArray, values: NDArray, wanted: NDArray) -> NDArray:
    """The rows of `values` (N, K), measured of the images `index` (N,), for the images `wanted` (n,); else NaN."""
    result = np.full((len(wanted), *values.shape[1:]), np.nan)
    position = {int(image): row for row, image in enumerate(index)}
    for row, image in enumerate(wanted):
        if int(image) in position:
            result[row] = values[position[int(image)]]
    return result


def controls_of(inputs: Inputs, **role: str) -> list[RoleArtifact]:
    """The inputs whose role has these entries and `control`, the kind of control."""
    return [each for each in inputs.artifacts if "control" in each.role and role.items() <= each.role.items()]


def read_paths(inputs: Inputs, names: dict, index: NDArray) -> dict[str, Series]:
    """The information paths of the images and of their controls, from aggregated ones; empty if not measured."""
    attacked = inputs.all(name="paths", **names)
    if not attacked:
        return {}
    clean = inputs.all(name="clean_paths", model=names["model"])
    group, found = group_name(attacked[0].role["target"], "attacked"), {}
    with np.load(attacked[0].artifact.file("aggregate.npz")) as content:
        layers, images = content["layers"].tolist(), content[f"{group}/images"]
        for path in ("iip", "oip"):
            own = attacked_line(aligned(images, content[f"{group}/{path}_inputs"], index))
            common = [clean_line(each.artifact, path) for each in clean[:1]]
            found[path] = Series(layers, [*common, all_line(content[f"{group}/{path}_mean"])], [own])
    for item in controls_of(inputs, name="paths", **names):
        group = group_name(item.role["target"], "attacked")
        with np.load(item.artifact.file("aggregate.npz")) as content:
            for path, series in found.items():
                values = aligned(content[f"{group}/images"], content[f"{group}/{path}_inputs"], index)
                series.own.append(control_line(item.role["control"], values))
    return found


def clean_line(aggregate: Artifact, path: str) -> Line:
    """The aggregated path of clean images, and the quantiles of their own paths."""
    group = group_name("", "all")
    with np.load(aggregate.file("aggregate.npz")) as content:
        low, high = np.quantile(content[f"{group}/{path}_inputs"], CLEAN_RANGE, axis=0)
        return Line("clean images", content[f"{group}/{path}_mean"], low, high)


def read_responses(inputs: Inputs, names: dict, index: NDArray) -> dict[str, Series]:
    """The response differences of the images and of their controls; empty where they were not measured."""
    measured = inputs.all(name="responses", **names)
    if not measured:
        return {}
    found = {}
    with np.load(measured[0].artifact.file("responses.npz")) as content:
        layers, attacked = content["layers"].tolist(), ~content["skipped"]
        for measure in RESPONSES:
            own = [attacked_line(aligned(content["index"], content[measure], index))]
            found[measure] = Series(layers, [all_line(content[measure][attacked])], own)
    for item in controls_of(inputs, name="responses", **names):
        with np.load(item.artifact.file("responses.npz")) as content:
            for measure in RESPONSES:
                line = control_line(item.role["control"], aligned(content["index"], content[measure], index))
                found[measure].own.append(line)
    return found


def read_reactions(artifact: Artifact, index: NDArray) -> dict[str, Series]:
    """Everything that was measured of the same images, clean, attacked and under controls."""
    found = {}
    with np.load(artifact.file("reactions.npz")) as content:
        images, attacked = content["index"], ~content["skipped"]
        for name, (array, layers) in REACTIONS.items():
            values = content[f"attack/{array}"]
            own = [attacked_line(aligned(images, values, index))]
            if f"clean/{array}" in content:
                own.append(Line("this image, clean", aligned(images, content[f"clean/{array}"], index)))
            own += [
                control_line(kind, aligned(images, content[f"{kind}/{array}"], index))
                for kind in content["controls"].tolist()
            ]
            found[name] = Series(content[layers].tolist(), [all_line(values[attacked])], own)
    return found
