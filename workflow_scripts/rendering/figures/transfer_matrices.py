"""Shares of examples that deceive other models than their victim, one matrix per attack (atlas)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import DOUBLE_COLUMN, new_figure, panel_letters, paper_style, plain_label

_SHADES = ListedColormap(colormaps["Blues"](np.linspace(0.0, 0.95, 256)), name="shares")
DARK = 0.55
MOST_COLUMNS = 4
TITLE_WIDTH, NAME_WIDTH = 20, 16
"""Characters of an attack's and of a model's name in one line."""


@paper_style
def transfer_matrices(
    shares: Mapping[str, NDArray], lower: Mapping[str, NDArray], upper: Mapping[str, NDArray], models: Sequence[str]
) -> tuple[Figure, pd.DataFrame]:
    """One panel per attack: rows are victims, columns the models that their examples are shown to, in percent.

    shares, lower, upper: attack → (M, M), 0 … 1, NaN where there is no example. Below each share its interval.
    Returns the figure and a frame with one row per attack, victim and model. Raises ValueError without an attack.
    """
    if not shares:
        raise ValueError("there is no attack to draw")
    columns = min(MOST_COLUMNS, len(shares))
    lines = -(-len(shares) // columns)
    figure = new_figure(DOUBLE_COLUMN, 0.6 + 1.75 * lines)
    grid = figure.subplots(lines, columns, squeeze=False, sharex=True, sharey=True)
    records = []
    for axes, (attack, values) in zip(grid.ravel(), shares.items(), strict=False):
        _panel(axes, values, lower[attack], upper[attack], models)
        axes.set_title(fill(plain_label(attack), TITLE_WIDTH))
        for row, column in np.ndindex(values.shape):
            parts = {"share": values, "lower": lower[attack], "upper": upper[attack]}
            numbers = {name: float(part[row, column]) for name, part in parts.items()}
            records.append({"attack": attack, "victim": models[row], "model": models[column], **numbers})
    for axes in grid.ravel()[len(shares) :]:
        axes.set_axis_off()
    for axes in grid[:, 0]:
        axes.set_ylabel("made against")
    for axes in grid.ravel()[max(0, len(shares) - columns) : len(shares)]:
        axes.set_xlabel("shown to")
        axes.tick_params(labelbottom=True)
    panel_letters(list(grid.ravel()[: len(shares)]))
    return figure, pd.DataFrame.from_records(records)


def _panel(axes: Axes, shares: NDArray, lower: NDArray, upper: NDArray, models: Sequence[str]) -> None:
    axes.imshow(shares, cmap=_SHADES, vmin=0, vmax=1, aspect="equal", interpolation="none")
    axes.grid(False)
    for row, column in np.ndindex(shares.shape):
        if np.isfinite(shares[row, column]):
            value, low, high = (100 * part[row, column] for part in (shares, lower, upper))
            colour = "white" if value > 100 * DARK else "black"
            axes.text(column, row - 0.12, f"{value:.0f}", ha="center", va="center", fontsize=7, color=colour)
            axes.text(column, row + 0.24, f"{low:.0f}–{high:.0f}", ha="center", va="center", fontsize=5, color=colour)
    labels, places = [fill(plain_label(name), NAME_WIDTH) for name in models], range(len(models))
    axes.set_xticks(places, labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, labels)
    axes.tick_params(length=0, labelsize=6)
    for spine in axes.spines.values():
        spine.set_visible(True)
