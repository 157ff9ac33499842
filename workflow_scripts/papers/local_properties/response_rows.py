"""The rows that Tables 1 to 5 share: means and deviations of response differences, a column a layer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.measured import MEASURES, Responses
from workflow_scripts.papers.published import PublishedTable
from workflow_scripts.rendering.table import Cell, Column, Key, Row, Table, pool

VALUES = {"mean": "mean", "deviation": "deviation over images"}
NAMES = {"conv1": "Conv 1", **{f"layer{index}": f"Layer {index}" for index in range(5)}}
"""The paper's names of a resnet18's layers; those of another network stay as they are."""
Group = Sequence[tuple[Responses, NDArray]]
"""One group of pairs of images: for each training seed the differences and the mask (N,) of the group's pairs."""


def response_table(
    inputs: Inputs, published: PublishedTable, number: str, title: str, what: Key, groups: Mapping[str, Group]
) -> Table:
    """Rows by measure, group and value (the mean over images, and their standard deviation)."""
    rows = rows_of_groups(published, what.key, groups, {})
    return as_table(inputs, number, title, (Key("measure", "Difference"), what, Key("value", "Value")), groups, rows)


def as_table(
    inputs: Inputs, number: str, title: str, keys: Sequence[Key], groups: Mapping[str, Group], rows: Sequence[Row]
) -> Table:
    """A table of the study with a column a layer."""
    return Table(
        study="local_properties",
        number=number,
        title=title,
        caption=inputs.parameters["caption"],
        keys=keys,
        columns=[layer_column(layer) for layer in layers_of(groups)],
        rows=rows,
        notes=inputs.parameters["notes"],
    )


def rows_of_groups(
    published: PublishedTable, what: str, groups: Mapping[str, Group], more: Mapping[str, str]
) -> list[Row]:
    """The rows of groups that the key `what` tells apart; `more` are keys that all of them share."""
    rows = []
    for measure in MEASURES:
        for name, group in groups.items():
            for value, words in VALUES.items():
                keys = {**more, "measure": measure, what: name, "value": words}
                cells = {
                    layer: cell(group, measure, position, value, published.lookup({**keys, "value": value}, layer))
                    for position, layer in enumerate(layers_of(groups))
                }
                rows.append(Row(keys, cells))
    return rows


def cell(group: Group, measure: str, position: int, value: str, published: float | None) -> Cell:
    """One layer's mean or sample standard deviation over a group's images, pooled over training seeds."""
    chosen = [differences.measure(measure)[mask, position] for differences, mask in group]
    values = [
        None if len(part) < (2 if value == "deviation" else 1)
        else float(part.mean() if value == "mean" else part.std(ddof=1))
        for part in chosen
    ]  # fmt: skip
    return pool(values, sum(len(part) for part in chosen), published)


def layers_of(groups: Mapping[str, Group]) -> tuple[str, ...]:
    """The measured layers, from input to output; ValueError where the groups do not have the same."""
    found = {differences.layers for group in groups.values() for differences, _ in group}
    if len(found) != 1:
        raise ValueError(f"response differences of one table need the same layers, not {sorted(found)}")
    return found.pop()


def layer_column(layer: str) -> Column:
    """A layer's column; maxima are around 1 and totals in the hundreds, so both keep three decimals."""
    return Column(layer, NAMES.get(layer, layer), 3)
