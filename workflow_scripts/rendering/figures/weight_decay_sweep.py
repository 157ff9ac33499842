"""Kernels, response differences and robustness by weight decay (local_properties, Figures 5 and 9)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    BLACK,
    BLUE,
    DOUBLE_COLUMN,
    GREY,
    ORANGE,
    PURPLE,
    VERMILLION,
    new_figure,
    panel_letters,
    paper_style,
)


@dataclass(frozen=True)
class SweepPoint:
    """One training of the sweep.

    magnitude, variance: of the kernels' weights; differences: by layer, the mean and its 95% interval; series: the
    series of the last panel by label, each with its value at the best and at the last epoch.
    """

    weight_decay: str
    magnitude: float
    variance: float
    differences: Mapping[str, tuple[float, float, float]]
    series: Mapping[str, tuple[float, float]]


_SERIES_COLOURS = {"natural, test": BLACK, "PGD, test": VERMILLION, "PGD, training": BLUE}
_OTHER_COLOUR = ORANGE


def _ticks(axes: Axes, labels: Sequence[str]) -> None:
    crowded = sum(len(label) for label in labels) > 16
    axes.set_xticks(range(len(labels)), labels, rotation=45 if crowded else 0, fontsize=6.5)
    axes.set_xlim(-0.35, len(labels) - 0.65)
    axes.set_xlabel("weight decay")


def _kernels(axes: Axes, points: Sequence[SweepPoint]) -> None:
    x = range(len(points))
    axes.plot(x, [point.magnitude for point in points], color=BLUE, marker="o")
    axes.set_ylabel("mean |w|", color=BLUE)
    twin = axes.twinx()
    twin.plot(x, [point.variance for point in points], color=PURPLE, marker="s", linestyle="--")
    twin.set_ylabel("variance in a kernel", color=PURPLE)
    twin.grid(False)
    twin.spines["right"].set_visible(True)
    for each in (axes, twin):
        each.set_ylim(bottom=0)
        each.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3))
        each.yaxis.get_offset_text().set_fontsize(6)


@paper_style
def weight_decay_sweep(
    points: Sequence[SweepPoint], measure: str, last_label: str, *, kernels: bool
) -> tuple[Figure, pd.DataFrame]:
    """One panel for the kernels (optional), one per layer, and one for the series at the best (solid) and last epoch.

    Returns the figure and a frame with one row per weight decay. Raises ValueError where trainings differ in layers.
    """
    layers = list(points[0].differences)
    if any(list(point.differences) != layers for point in points):
        raise ValueError("all trainings of a sweep need the same layers")
    panels_needed = len(layers) + 1 + kernels
    columns = 4
    rows = -(-panels_needed // columns)
    figure = new_figure(DOUBLE_COLUMN, 0.3 + 1.6 * rows)
    panels = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for unused in panels[panels_needed:]:
        unused.set_axis_off()
    panels, x = panels[:panels_needed], np.arange(len(points))
    if kernels:
        _kernels(panels[0], points)
    for axes, layer in zip(panels[kernels:-1], layers, strict=True):
        mean, low, high = (np.array([point.differences[layer][part] for point in points]) for part in range(3))
        axes.errorbar(x, mean, yerr=[mean - low, high - mean], color=BLUE, marker="o", capsize=2, elinewidth=0.8)
        axes.set_title(layer)
        axes.set_ylabel(f"{measure} |Δ|")
    _last_panel(panels[-1], points, last_label)
    for axes in panels:
        _ticks(axes, [point.weight_decay for point in points])
    panel_letters(panels)
    handles = [
        Line2D([], [], color=_SERIES_COLOURS.get(name, _OTHER_COLOUR), marker="o", label=name)
        for name in points[0].series
    ]
    handles += [
        Line2D([], [], color=GREY, linestyle=d, label=f"{word} epoch") for word, d in (("best", "-"), ("last", "--"))
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=len(handles), columnspacing=1.2)
    return figure, _frame(points)


def _last_panel(axes: Axes, points: Sequence[SweepPoint], label: str) -> None:
    for name in points[0].series:
        colour = _SERIES_COLOURS.get(name, _OTHER_COLOUR)
        for epoch, dashes in enumerate(("-", "--")):
            axes.plot(
                range(len(points)), [point.series[name][epoch] for point in points], color=colour, marker="o", ls=dashes
            )
    axes.set_title(label)
    axes.set_ylabel(label)


def _frame(points: Sequence[SweepPoint]) -> pd.DataFrame:
    records = []
    for point in points:
        record: dict = {"weight_decay": point.weight_decay, "magnitude": point.magnitude, "variance": point.variance}
        for layer, (mean, low, high) in point.differences.items():
            record |= {layer: mean, f"{layer}_lower": low, f"{layer}_upper": high}
        for name, (best, last) in point.series.items():
            record |= {f"{name} (best epoch)": best, f"{name} (last epoch)": last}
        records.append(record)
    return pd.DataFrame.from_records(records)


def mean_interval(values: NDArray) -> tuple[float, float, float]:
    """A mean and its 95% interval from the standard error; NaN throughout for fewer than two values."""
    if len(values) < 2:
        return (float("nan"),) * 3
    mean, half = float(values.mean()), 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    return mean, mean - half, mean + half
