"""Parameter-saliency profiles, one panel per class (attack_signatures, Figures 5 and 8 to 15)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    BLUE,
    DOUBLE_COLUMN,
    GREY,
    VERMILLION,
    new_figure,
    panel_letters,
    paper_style,
    plain_label,
)

MOST_POINTS = 3000
"""Filters drawn at most: a column's width cannot show more, and the file would become large."""


@dataclass(frozen=True)
class Profile:
    """absolute: (F,) mean over images of |s − μ|/σ, sorted within each layer; signed: the same of (s − μ)/σ, or None;
    images: their number.
    """

    absolute: NDArray
    signed: NDArray | None
    images: int


def _panel(axes: Axes, profile: Profile, ends: NDArray) -> None:
    filters = len(profile.absolute)
    step = 1 + filters // MOST_POINTS
    x = np.arange(filters)[::step]
    axes.fill_between(x, profile.absolute[::step], color=BLUE, alpha=0.35, linewidth=0, step="mid", rasterized=False)
    axes.plot(x, profile.absolute[::step], color=BLUE, linewidth=0.5)
    if profile.signed is not None:
        axes.plot(x, profile.signed[::step], color=VERMILLION, linewidth=0.5)
        axes.axhline(0, color="black", linewidth=0.4)
    for end in ends[:-1]:
        axes.axvline(end, color=GREY, linewidth=0.25, alpha=0.5, zorder=0)
    axes.grid(False, axis="x")
    axes.set_xlim(0, filters)
    axes.margins(y=0.08)


@paper_style
def saliency_profiles(profiles: Mapping[str, Profile], counts: Sequence[int]) -> tuple[Figure, pd.DataFrame]:
    """Salience of every filter, layer after layer from input to output, each layer's filters in descending order.

    profiles: class → profile; those without images are left out. counts: number of filters of each layer. Every panel
    has its own scale, since the magnitudes of attacks differ widely; grey lines separate layers.
    Returns the figure and a frame with one row per class and filter: class, images, layer (from 1), rank, absolute,
    signed. Raises ValueError where there is no profile, or one of another number of filters than the layers have.
    """
    shown = {name: profile for name, profile in profiles.items() if profile.images}
    if not shown:
        raise ValueError("there is no saliency profile to draw")
    ends = np.cumsum(counts)
    if any(len(profile.absolute) != ends[-1] for profile in shown.values()):
        raise ValueError(f"profiles have {[len(p.absolute) for p in shown.values()]} filters, the layers {ends[-1]}")
    columns = min(3, len(shown))
    rows = -(-len(shown) // columns)
    figure = new_figure(DOUBLE_COLUMN, 0.35 + 1.5 * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True)
    panels = grid.ravel()
    frames = []
    layer = np.repeat(np.arange(1, len(counts) + 1), counts)
    rank = np.concatenate([np.arange(1, count + 1) for count in counts])
    for axes, (name, profile) in zip(panels, shown.items(), strict=False):
        _panel(axes, profile, ends)
        axes.set_title(f"{plain_label(name)} ({profile.images:,} images)")
        parts = {"class": name, "images": profile.images, "layer": layer, "rank": rank, "absolute": profile.absolute}
        frames.append(pd.DataFrame(parts | ({} if profile.signed is None else {"signed": profile.signed})))
    for axes in panels[len(shown) :]:
        axes.set_visible(False)
    for axes in grid[:, 0]:
        axes.set_ylabel("salience (σ)")
    for axes in panels[max(0, len(shown) - columns) : len(shown)]:
        axes.set_xlabel("filter, first to last layer")
        axes.tick_params(labelbottom=True)
    panel_letters(panels[: len(shown)])
    if any(profile.signed is not None for profile in shown.values()):
        handles = [
            Patch(color=BLUE, alpha=0.5, label="|s − μ|/σ"),
            Line2D([], [], color=VERMILLION, linewidth=0.9, label="(s − μ)/σ"),
        ]
        figure.legend(handles=handles, loc="outside upper center", ncols=2)
    return figure, pd.concat(frames, ignore_index=True)
