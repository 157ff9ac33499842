"""Legends above all panels of a figure."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_scripts.rendering.figure_style import plain_label

_HANDLE, _CHARACTER = 0.5, 0.058
"""Inches that an entry's line with its margins, and a character of its text take."""


def legend_above(figure: Figure, entries: Mapping[str, Mapping]) -> None:
    """A legend in as few lines as the figure's width allows, read line by line; entries: name → style of `Line2D`."""
    handles = [Line2D([], [], **style, label=plain_label(name)) for name, style in entries.items()]
    widest = max(_HANDLE + _CHARACTER * len(handle.get_label()) for handle in handles)
    lines = -(-len(handles) // max(1, int(figure.get_figwidth() / widest)))
    columns = -(-len(handles) // lines)
    # Matplotlib fills a legend column by column.
    by_column = [handle for column in range(columns) for handle in handles[column::columns]]
    figure.legend(handles=by_column, loc="outside upper center", ncols=columns, columnspacing=1.4)
