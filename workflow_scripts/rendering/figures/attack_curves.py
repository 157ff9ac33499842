"""Curves of attacks, by relative depth or by radial band, with intervals and their controls beside (atlas)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    DOUBLE_COLUMN,
    GREY,
    SeriesStyle,
    new_figure,
    panel_letters,
    paper_style,
    plain_label,
    series_styles,
)
from workflow_scripts.rendering.figures.legends import legend_above

NAME_WIDTH = 24
"""Characters of a model's name in one line beside its panels."""
TITLES_WIDTH = 76
"""Characters of all titles of a row in one line."""


@dataclass(frozen=True)
class Curve:
    """A curve and its 95% interval at the abscissas, (D,) each; NaN where unknown."""

    value: NDArray
    lower: NDArray
    upper: NDArray


@dataclass(frozen=True)
class Abscissa:
    """What curves are drawn over: places (D,), and what they are."""

    places: NDArray
    label: str


@paper_style
def attack_curves(
    panels: Mapping[str, Mapping[str, Mapping[str, Curve]]],
    abscissa: Abscissa,
    ordinate: str,
    *,
    neutral: float = 0,
) -> tuple[Figure, pd.DataFrame]:
    """A row of panels per model at one scale, one column per quantity or perturbation, one line per attack.

    panels: model → column's title → attack → curve; every model has the same columns. neutral: the ordinate of no
    effect, drawn as a line.
    Returns the figure and a frame with one row per model, panel, attack and abscissa: value, lower, upper.
    Raises ValueError where there is no panel, or models differ in their columns.
    """
    columns = list(next(iter(panels.values()), {}))
    if not columns or any(list(row) != columns for row in panels.values()):
        raise ValueError("every model needs the same panels, and there must be one")
    attacks = list(dict.fromkeys(name for row in panels.values() for curves in row.values() for name in curves))
    styles = series_styles(attacks)
    figure = new_figure(DOUBLE_COLUMN, 0.75 + 1.45 * len(panels))
    grid = figure.subplots(len(panels), len(columns), squeeze=False, sharex=True, sharey="row")
    records = []
    for axes_row, (model, row) in zip(grid, panels.items(), strict=True):
        for axes, (title, curves) in zip(axes_row, row.items(), strict=True):
            axes.axhline(neutral, color=GREY, linewidth=0.8, zorder=1.5)
            for attack, curve in curves.items():
                _draw(axes, abscissa.places, curve, styles[attack])
                records += _records({"model": model, "panel": title, "attack": attack}, abscissa.places, curve)
        axes_row[0].set_ylabel(f"{fill(plain_label(model), NAME_WIDTH)}\n{ordinate}")
    for axes, title in zip(grid[0], columns, strict=True):
        axes.set_title(fill(title, TITLES_WIDTH // len(columns)))
    for axes in grid[-1]:
        axes.set_xlabel(abscissa.label)
    panel_letters(list(grid.ravel()))
    legend_above(figure, {name: styles[name].line for name in attacks})
    return figure, pd.DataFrame.from_records(records)


def _draw(axes: Axes, places: NDArray, curve: Curve, style: SeriesStyle) -> None:
    axes.fill_between(places, curve.lower, curve.upper, color=style.colour, alpha=0.18, linewidth=0)
    axes.plot(places, curve.value, **style.line, markersize=2.4, linewidth=0.9)


def _records(names: Mapping[str, str], places: Sequence[float], curve: Curve) -> list[dict]:
    """The rows of a curve in the figure's frame."""
    rows = np.stack([places, curve.value, curve.lower, curve.upper], axis=1).tolist()
    return [{**names, **dict(zip(("at", "value", "lower", "upper"), row, strict=True))} for row in rows]
