"""What Tables 1 to 5 share: means and standard deviations of response differences, one column per layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.response_differences import MEASURES, ResponseDifferences
from workflow_scripts.papers.paper_table import paper_table
from workflow_scripts.papers.published_table import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

VALUES = {"mean": "mean", "deviation": "deviation over images"}
LAYER_NAMES = {"conv1": "Conv 1", **{f"layer{index}": f"Layer {index}" for index in range(5)}}
"""The paper's names of a resnet18's layers; another network's layers keep their own names."""
Group = Sequence[tuple[ResponseDifferences, NDArray]]
"""A group of images: for each training seed the differences and the mask (N,) of the group's images."""


def response_differences_table(
    inputs: Inputs, published: PublishedTable, title: str, group_key: Key, groups: Mapping[str, Group]
) -> Table:
    """Rows by measure, group and value (mean and standard deviation over images)."""
    rows = group_rows(published, group_key.key, groups, {})
    keys = (Key("measure", "Difference"), group_key, Key("value", "Value"))
    return paper_table(inputs, title, keys, layer_columns(groups), rows)


def group_rows(
    published: PublishedTable, group_key: str, groups: Mapping[str, Group], common: Mapping[str, str]
) -> list[Row]:
    """The rows of groups that are distinguished by the key `group_key`; `common` are the keys that all rows share."""
    rows = []
    for measure in MEASURES:
        for name, group in groups.items():
            for value, words in VALUES.items():
                keys = {**common, "measure": measure, group_key: name, "value": words}
                cells = {
                    layer: cell(group, measure, position, value, published.lookup({**keys, "value": value}, layer))
                    for position, layer in enumerate(layers_of(groups))
                }
                rows.append(Row(keys, cells))
    return rows


def cell(group: Group, measure: str, position: int, value: str, published: float | None) -> Cell:
    """A layer's mean or sample standard deviation over a group's images, pooled over training seeds.

    Images for which the measure is undefined are left out.
    """
    by_seed = [differences.measure(measure)[mask, position] for differences, mask in group]
    by_seed = [each[~np.isnan(each)] for each in by_seed]
    if value == "mean":
        values = [float(each.mean()) if len(each) else None for each in by_seed]
    else:
        values = [float(each.std(ddof=1)) if len(each) > 1 else None for each in by_seed]
    return pool(values, sum(map(len, by_seed)), published)


def layers_of(groups: Mapping[str, Group]) -> tuple[str, ...]:
    """The measured layers, from input to output; ValueError where the groups have different ones."""
    found = {differences.layers for group in groups.values() for differences, _ in group}
    if len(found) != 1:
        raise ValueError(f"response differences of one table need the same layers, not {sorted(found)}")
    return found.pop()


def layer_columns(groups: Mapping[str, Group]) -> list[Column]:
    """One column per layer; maxima are around 1, totals in the hundreds, relative ones below 1: three decimals."""
    return [Column(layer, LAYER_NAMES.get(layer, layer), 3) for layer in layers_of(groups)]
