"""Distances between things as a heat map, in the order of their clustering (atlas)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from numpy.typing import NDArray
from scipy.cluster.hierarchy import dendrogram

from workflow_scripts.rendering.figure_style import DOUBLE_COLUMN, GREY, new_figure, paper_style, plain_label

# Dark where things are alike.
_SHADES = ListedColormap(colormaps["Blues_r"](np.linspace(0.05, 1.0, 256)), name="distances")
MOST_NUMBERS = 16
"""Things at most between which distances are printed as numbers."""


@paper_style
def clustered_heat_map(
    distances: NDArray, names: Sequence[tuple[str, str]], tree: NDArray, label: str
) -> tuple[Figure, pd.DataFrame]:
    """A heat map of distances (P, P) with the dendrogram of their clustering on its left.

    names: model and attack of each of the P things; tree: SciPy's linkage matrix (P − 1, 4); label: of the colours.
    Returns the figure and a frame with one row per pair of things, in the order drawn. Raises ValueError where the
    numbers of names and distances differ.
    """
    count = len(distances)
    if len(names) != count or len(tree) != count - 1:
        raise ValueError(f"{len(names)} names and {len(tree) + 1} leaves for {count} things")
    drawn = dendrogram(tree, no_plot=True)
    order = drawn["leaves"]
    sorted_distances = distances[np.ix_(order, order)]
    labels = [f"{plain_label(names[k][1])}, {plain_label(names[k][0])}" for k in order]
    figure = new_figure(DOUBLE_COLUMN, min(8.5, 2.6 + 0.16 * count))
    branches, cells = figure.subplots(1, 2, width_ratios=(1, 5))
    _branches(branches, drawn, count)
    image = cells.imshow(sorted_distances, cmap=_SHADES, vmin=0, aspect="auto", interpolation="none")
    cells.grid(False)
    cells.tick_params(length=0, labelsize=6.5 if count <= MOST_NUMBERS else 5.5)
    cells.set_xticks(range(count), labels, rotation=90)
    cells.set_yticks(range(count), labels)
    cells.yaxis.tick_right()
    if count <= MOST_NUMBERS:
        middle = float(distances.max()) / 2
        for row, column in np.ndindex(distances.shape):
            value = sorted_distances[row, column]
            colour = "white" if value < middle else "black"
            cells.text(column, row, f"{value:.1f}", ha="center", va="center", fontsize=5.5, color=colour)
    bar = figure.colorbar(image, ax=branches, location="left", shrink=0.6, pad=0.1)
    bar.set_label(label)
    bar.outline.set_linewidth(0.4)
    return figure, _frame(sorted_distances, [names[k] for k in order])


def _branches(axes, drawn: dict, count: int) -> None:
    """The dendrogram, its root on the left, its leaves at the rows of the heat map."""
    for places, heights in zip(drawn["icoord"], drawn["dcoord"], strict=True):
        axes.plot(heights, [(place - 5) / 10 for place in places], color=GREY, linewidth=0.8)
    axes.set_ylim(count - 0.5, -0.5)
    axes.set_xlim(max(map(max, drawn["dcoord"])) * 1.05, 0)
    axes.set_yticks([])
    axes.grid(False, axis="y")
    axes.spines["left"].set_visible(False)
    axes.set_xlabel("distance")


def _frame(distances: NDArray, names: Sequence[tuple[str, str]]) -> pd.DataFrame:
    return pd.DataFrame.from_records(
        {
            "model": names[row][0],
            "attack": names[row][1],
            "other_model": names[column][0],
            "other_attack": names[column][1],
            "distance": float(distances[row, column]),
        }
        for row, column in np.ndindex(distances.shape)
    )
