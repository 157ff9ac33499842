"""Accuracy on filtered images by the filter's radius (local_properties, Figures 1 and 6)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    BLUE,
    DOUBLE_COLUMN,
    GREEN,
    GREY,
    ORANGE,
    VERMILLION,
    SeriesStyle,
    new_figure,
    panel_letters,
    paper_style,
)

_STYLES = (
    SeriesStyle(GREEN, "o", "-"),
    SeriesStyle(VERMILLION, "s", "-"),
    SeriesStyle(BLUE, "^", "--"),
    SeriesStyle(ORANGE, "D", "--"),
)
Z = 1.959963984540054  # of a 95% interval


@dataclass(frozen=True)
class AccuracyPanel:
    """One panel.

    radii: (R,) in cycles per image; correct: by series, bool (R, N), whether the prediction for each image is correct;
    references: accuracies in [0, 1] by label, drawn as horizontal lines.
    """

    title: str
    radii: NDArray
    correct: Mapping[str, NDArray]
    references: Mapping[str, float] = field(default_factory=dict)


def wilson(successes: NDArray, count: int) -> tuple[NDArray, NDArray]:
    """The 95% Wilson score interval of the shares `successes` / `count`."""
    share, weight = successes / count, Z**2 / count
    centre = (share + weight / 2) / (1 + weight)
    half = np.sqrt(share * (1 - share) * weight + weight**2 / 4) / (1 + weight)
    return centre - half, centre + half


@paper_style
def accuracy_by_radius(panels: Sequence[AccuracyPanel], abscissa: str) -> tuple[Figure, pd.DataFrame]:
    """Panels side by side at the same scale, each series as a curve with its 95% band, in the same style in all panels.

    Returns the figure and a frame with one row per panel, series and radius: accuracy, lower, upper (shares), inputs.
    Raises ValueError where there is no panel, or where predictions and radii differ in length.
    """
    if not panels:
        raise ValueError("there is no panel to draw")
    names = list(dict.fromkeys(name for panel in panels for name in panel.correct))
    styles = dict(zip(names, _STYLES, strict=False))
    if len(names) > len(_STYLES):
        raise ValueError(f"{len(names)} series, and styles for {len(_STYLES)}")
    references = list(dict.fromkeys(name for panel in panels for name in panel.references))
    dashes = dict(zip(references, (":", "-."), strict=False))
    figure = new_figure(DOUBLE_COLUMN, 2.25)
    axes_row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    records = []
    for axes, panel in zip(axes_row, panels, strict=True):
        for name, correct in panel.correct.items():
            if correct.ndim != 2 or len(correct) != len(panel.radii) or not correct.shape[1]:
                raise ValueError(f"{name}: predictions of shape {correct.shape} for {len(panel.radii)} radii")
            accuracy, count = correct.mean(1), correct.shape[1]
            lower, upper = wilson(correct.sum(1), count)
            style = styles[name]
            axes.fill_between(panel.radii, lower, upper, color=style.colour, alpha=0.18, linewidth=0)
            axes.plot(panel.radii, accuracy, label=name, **style.line, markevery=max(1, len(panel.radii) // 8))
            for row in zip(panel.radii, accuracy, lower, upper, strict=True):
                values = dict(zip(("radius", "accuracy", "lower", "upper"), map(float, row), strict=True))
                records.append({"panel": panel.title, "series": name, **values, "inputs": count})
        for name, accuracy in panel.references.items():
            axes.axhline(accuracy, color=GREY, linestyle=dashes[name], linewidth=0.9, zorder=1.5, label=name)
        axes.set_title(panel.title)
        axes.set_xlabel(abscissa)
        axes.set_xlim(panel.radii[0], panel.radii[-1])
        axes.set_ylim(-0.03, 1.03)
    axes_row[0].set_ylabel("accuracy")
    panel_letters(list(axes_row))
    handles: dict[str, object] = {}
    for axes in axes_row:
        handles |= dict(zip(*reversed(axes.get_legend_handles_labels()), strict=True))
    figure.legend(handles.values(), handles.keys(), loc="outside upper center", ncols=3, columnspacing=1.4)
    return figure, pd.DataFrame.from_records(records)
