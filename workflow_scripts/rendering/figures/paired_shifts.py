"""Paired shifts of information paths by layer, beside what of them is expected by chance."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    DOUBLE_COLUMN,
    GREY,
    layer_ticks,
    new_figure,
    panel_letters,
    paper_style,
    plain_label,
    series_styles,
)

PATHS = ("iip", "oip")
ESTIMATES = {"plug_in": "plug-in", "expected": "by chance", "corrected": "corrected"}


@dataclass(frozen=True)
class Shift:
    """The mean shift (K,) of one attack's inputs and its interval, in nats.

    path: iip or oip; estimate: plug_in, expected or corrected; samples: inputs of all trainings.
    """

    attack: str
    path: str
    estimate: str
    mean: NDArray
    lower: NDArray
    upper: NDArray
    samples: int
    trainings: int


@paper_style
def paired_shifts(shifts: Sequence[Shift], layers: Sequence[str]) -> tuple[Figure, pd.DataFrame]:
    """A row of panels per path, a column per estimate; the ordinate of a row is shared, so that columns compare.

    layers: K names. Returns the figure and a frame with one row per attack, path, estimate and layer: attack, path,
    estimate, layer, mean, lower, upper, samples, trainings. Raises ValueError without shifts.
    """
    if not shifts:
        raise ValueError("no attack has two inputs whose paths could be compared with their clean images'")
    styles = series_styles(sorted({shift.attack for shift in shifts}))
    figure = new_figure(DOUBLE_COLUMN, 4.4)
    axes = figure.subplots(len(PATHS), len(ESTIMATES), sharey="row")
    for row, path in enumerate(PATHS):
        for column, (estimate, title) in enumerate(ESTIMATES.items()):
            panel = axes[row, column]
            panel.axhline(0, color=GREY, linewidth=0.8, zorder=1)
            for shift in shifts:
                if (shift.path, shift.estimate) == (path, estimate):
                    style = styles[shift.attack]
                    depth = range(len(shift.mean))
                    panel.fill_between(depth, shift.lower, shift.upper, color=style.colour, alpha=0.15, linewidth=0)
                    panel.plot(depth, shift.mean, **style.line)
            panel.set_title(f"{path.upper()}, {title}")
            layer_ticks(panel, list(layers))
        axes[row, 0].set_ylabel("adversarial − clean (nats)")
    panel_letters(axes.ravel())
    handles = [Line2D([], [], label=plain_label(name), **style.line) for name, style in styles.items()]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(6, len(handles)))
    records = [
        {"attack": s.attack, "path": s.path, "estimate": s.estimate, "layer": layer, "mean": s.mean[k],
         "lower": s.lower[k], "upper": s.upper[k], "samples": s.samples, "trainings": s.trainings}
        for s in shifts for k, layer in enumerate(layers)
    ]  # fmt: skip
    return figure, pd.DataFrame.from_records(records)
