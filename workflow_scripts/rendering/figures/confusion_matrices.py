"""Confusion matrices side by side (attack_signatures, Figure 1)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import DOUBLE_COLUMN, new_figure, panel_letters, paper_style, plain_label

# White to dark blue: values can be told from lightness alone.
_SHADES = ListedColormap(colormaps["Blues"](np.linspace(0.0, 0.95, 256)), name="shares")
DARK = 55  # percent, above which a cell's number is white


def _panel(axes: Axes, shares: NDArray, labels: Sequence[str]) -> None:
    axes.imshow(shares, cmap=_SHADES, vmin=0, vmax=100, aspect="equal", interpolation="none")
    axes.grid(False)
    for row, column in np.ndindex(shares.shape):
        value = shares[row, column]
        if np.isfinite(value):
            colour = "white" if value > DARK else "black"
            axes.text(column, row, f"{value:.0f}", ha="center", va="center", fontsize=6.5, color=colour)
    places = range(len(labels))
    axes.set_xticks(places, labels, rotation=45, ha="right", rotation_mode="anchor")
    axes.set_yticks(places, labels)
    axes.tick_params(length=0)
    axes.set_xlabel("recognised as")
    for spine in axes.spines.values():
        spine.set_visible(True)


@paper_style
def confusion_matrices(matrices: Mapping[str, NDArray], classes: Sequence[str]) -> tuple[Figure, pd.DataFrame]:
    """One panel per recogniser: rows are true classes, columns recognised ones, in percent of the row.

    matrices: title → counts (A, A), rows the true class. classes: A names.
    Returns the figure and a frame: recogniser, true, recognised, count, share (0 … 1; NaN for an empty class).
    Raises ValueError for a matrix of another shape.
    """
    labels = [plain_label(name) for name in classes]
    figure = new_figure(DOUBLE_COLUMN, 3.4)
    panels = figure.subplots(1, len(matrices), squeeze=False)[0]
    records = []
    for axes, (title, counts) in zip(panels, matrices.items(), strict=True):
        counts = np.asarray(counts)
        if counts.shape != (len(classes),) * 2:
            raise ValueError(f"{title}: the matrix has shape {counts.shape}, for {len(classes)} classes")
        with np.errstate(invalid="ignore"):
            shares = counts / counts.sum(1, keepdims=True)
        _panel(axes, 100 * shares, labels)
        total = 100 * np.trace(counts) / counts.sum()
        axes.set_title(f"{title.replace('I_adv', '$I_{adv}$')}: {total:.1f}% of all images")
        for row, column in np.ndindex(counts.shape):
            records.append(
                {
                    "recogniser": title,
                    "true": classes[row],
                    "recognised": classes[column],
                    "count": int(counts[row, column]),
                    "share": float(shares[row, column]),
                }
            )
    panels[0].set_ylabel("true class")
    panel_letters(panels)
    bar = figure.colorbar(ScalarMappable(Normalize(0, 100), _SHADES), ax=panels, shrink=0.75, pad=0.015)
    bar.set_label("share of the true class (%)")
    bar.outline.set_linewidth(0.4)
    return figure, pd.DataFrame.from_records(records)
