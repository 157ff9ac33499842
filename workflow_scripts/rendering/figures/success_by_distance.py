"""Success of attacks against the distance that they may move an image (atlas)."""

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
    BLACK,
    DOUBLE_COLUMN,
    SeriesStyle,
    new_figure,
    panel_letters,
    paper_style,
    plain_label,
    series_styles,
)
from workflow_scripts.rendering.figures.accuracy_by_radius import wilson
from workflow_scripts.rendering.figures.legends import legend_above

BEST = "best of all"
_BEST_STYLE = {"color": BLACK, "linestyle": (0, (1, 1)), "linewidth": 1.4}
NAME_WIDTH = 30
_STEPS = 120


@dataclass(frozen=True)
class DistancePanel:
    """One panel. distances: attack → (N,), the distance that each image's example is away, infinite for failures."""

    model: str
    norm: str
    distances: Mapping[str, NDArray]


@paper_style
def success_by_distance(panels: Sequence[Sequence[DistancePanel]]) -> tuple[Figure, pd.DataFrame]:
    """Rows of panels, each of one norm with a panel per model, over one logarithmic axis of distances.

    A curve is the share of images that an attack deceives the model on within a distance, with its 95% Wilson band; the
    dotted one takes the smallest distance of all attacks on each image.
    Returns the figure and a frame with one row per panel, attack and distance at which the curve rises.
    Raises ValueError where there is no panel.
    """
    if not panels or not panels[0]:
        raise ValueError("there is no panel to draw")
    attacks = list(dict.fromkeys(name for row in panels for panel in row for name in panel.distances))
    styles = series_styles(attacks)
    figure = new_figure(DOUBLE_COLUMN, 0.75 + 1.65 * len(panels))
    grid = figure.subplots(len(panels), len(panels[0]), squeeze=False, sharex="row", sharey=True)
    records = []
    for axes_row, row in zip(grid, panels, strict=True):
        ends = _ends([values for panel in row for values in panel.distances.values()])
        for axes, panel in zip(axes_row, row, strict=True):
            records += _panel(axes, panel, styles, ends)
            axes.set_xlabel(f"{panel.norm} distance")
        axes_row[0].set_ylabel("share deceived")
    for axes, panel in zip(grid[0], panels[0], strict=True):
        axes.set_title(fill(plain_label(panel.model), NAME_WIDTH))
    panel_letters(list(grid.ravel()))
    legend_above(figure, {**{name: {**styles[name].line, "marker": ""} for name in attacks}, BEST: _BEST_STYLE})
    return figure, pd.DataFrame.from_records(records)


def _ends(distances: Sequence[NDArray]) -> tuple[float, float]:
    """A range of distances, a little wider than from the smallest to the largest; 0.1 to 1 where no attack succeeds."""
    found = np.concatenate([values[np.isfinite(values) & (values > 0)] for values in distances])
    return (float(found.min()) / 1.3, float(found.max()) * 1.3) if len(found) else (0.1, 1.0)


def _panel(axes: Axes, panel: DistancePanel, styles: Mapping[str, SeriesStyle], ends: tuple[float, float]) -> list:
    records = []
    best = np.min(list(panel.distances.values()), axis=0)
    for name, distances in (*panel.distances.items(), (BEST, best)):
        rises = np.unique(distances[np.isfinite(distances)])
        at = np.unique(np.concatenate([rises, np.geomspace(*ends, _STEPS)]))
        count = np.searchsorted(np.sort(distances), at, side="right")
        share = count / max(len(distances), 1)
        if name == BEST:
            axes.step(at, share, where="post", **_BEST_STYLE, zorder=4)
        else:
            style = styles[name]
            lower, upper = wilson(count, max(len(distances), 1))
            axes.fill_between(at, lower, upper, step="post", color=style.colour, alpha=0.12, linewidth=0)
            axes.step(at, share, where="post", color=style.colour, linestyle=style.dashes, linewidth=1.0)
        names = {"model": panel.model, "norm": panel.norm, "attack": name}
        shares = np.searchsorted(np.sort(distances), rises, side="right") / max(len(distances), 1)
        records += [
            {**names, "distance": distance, "share": part, "images": len(distances)}
            for distance, part in zip(rises.tolist(), shares.tolist(), strict=True)
        ]
    axes.set_xscale("log")
    axes.set_xlim(*ends)
    axes.set_ylim(-0.03, 1.03)
    return records
