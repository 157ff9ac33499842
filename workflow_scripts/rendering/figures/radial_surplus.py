"""The surplus of log-amplitude by spatial frequency, of attacked images and of their controls."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    BLUE,
    DOUBLE_COLUMN,
    GREY,
    ORANGE,
    VERMILLION,
    SeriesStyle,
    new_figure,
    panel_letters,
    paper_style,
)
from workflow_scripts.rendering.figures.accuracy_by_radius import Z

_STYLES = (SeriesStyle(VERMILLION, "s", "-"), SeriesStyle(BLUE, "^", "--"), SeriesStyle(ORANGE, "D", ":"))


@dataclass(frozen=True)
class SurplusPanel:
    """One panel. surplus: by series, (N, R), per image the surplus at the frequencies at distance [r, r + 1)."""

    title: str
    surplus: Mapping[str, NDArray]


@paper_style
def radial_surplus(panels: Sequence[SurplusPanel]) -> tuple[Figure, pd.DataFrame]:
    """Panels side by side at one scale, each series as the mean over images with its normal 95% interval.

    Returns the figure and a frame with one row per panel, series and radius. Raises ValueError for no panel, or more
    series than there are styles.
    """
    if not panels:
        raise ValueError("there is no panel to draw")
    names = list(dict.fromkeys(name for panel in panels for name in panel.surplus))
    styles = dict(zip(names, _STYLES, strict=False))
    if len(names) > len(_STYLES):
        raise ValueError(f"{len(names)} series, and styles for {len(_STYLES)}")
    figure = new_figure(DOUBLE_COLUMN * 0.75, 2.25)
    axes_row = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    records = []
    for axes, panel in zip(axes_row, panels, strict=True):
        axes.axhline(0, color=GREY, linewidth=0.8)
        for name, surplus in panel.surplus.items():
            mean, half = surplus.mean(0), Z * surplus.std(0, ddof=1) / np.sqrt(len(surplus))
            radii, style = np.arange(surplus.shape[1]), styles[name]
            axes.fill_between(radii, mean - half, mean + half, color=style.colour, alpha=0.18, linewidth=0)
            axes.plot(radii, mean, label=name, **style.line, markevery=max(1, len(radii) // 8))
            for radius, value, width in zip(radii.tolist(), mean.tolist(), half.tolist(), strict=True):
                values = {"radius": radius, "surplus": value, "lower": value - width, "upper": value + width}
                records.append({"panel": panel.title, "series": name, **values, "inputs": len(surplus)})
        axes.set_title(panel.title)
        axes.set_xlabel("radius (cycles/image)")
    axes_row[0].set_ylabel("ln |moved| − ln |natural|")
    panel_letters(list(axes_row))
    figure.legend(*axes_row[0].get_legend_handles_labels(), loc="outside upper center", ncols=3)
    return figure, pd.DataFrame.from_records(records)
