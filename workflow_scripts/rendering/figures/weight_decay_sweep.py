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
class Swept:
    """One training. differences: by layer, mean and its 95% interval; magnitude, variance: of the kernels' weights;
    last: the last panel's series by name, a value for the best and one for the last epoch.
    """

    weight_decay: str
    magnitude: float
    variance: float
    differences: Mapping[str, tuple[float, float, float]]
    last: Mapping[str, tuple[float, float]]


_LAST_COLOURS = {"natural, test": BLACK, "PGD, test": VERMILLION, "PGD, training": BLUE}
_OTHER_COLOUR = ORANGE


def _ticks(axes: Axes, labels: Sequence[str]) -> None:
    crowded = sum(len(label) for label in labels) > 16
    axes.set_xticks(range(len(labels)), labels, rotation=45 if crowded else 0, fontsize=6.5)
    axes.set_xlim(-0.35, len(labels) - 0.65)
    axes.set_xlabel("weight decay")


def _kernels(axes: Axes, swept: Sequence[Swept]) -> None:
    x = range(len(swept))
    axes.plot(x, [item.magnitude for item in swept], color=BLUE, marker="o")
    axes.set_ylabel("mean |w|", color=BLUE)
    twin = axes.twinx()
    twin.plot(x, [item.variance for item in swept], color=PURPLE, marker="s", linestyle="--")
    twin.set_ylabel("variance in a kernel", color=PURPLE)
    twin.grid(False)
    twin.spines["right"].set_visible(True)
    for each in (axes, twin):
        each.set_ylim(bottom=0)
        each.ticklabel_format(axis="y", style="sci", scilimits=(-2, 3))
        each.yaxis.get_offset_text().set_fontsize(6)


@paper_style
def weight_decay_sweep(
    swept: Sequence[Swept], measure: str, last_label: str, *, kernels: bool
) -> tuple[Figure, pd.DataFrame]:
    """The kernels where wanted, a panel a layer, then the series `last`: solid at the best, dashed at the last epoch.

    Returns the figure and a frame, one row a weight decay. Raises ValueError where two trainings have other layers.
    """
    layers = list(swept[0].differences)
    if any(list(item.differences) != layers for item in swept):
        raise ValueError("the trainings of a sweep need the same layers")
    panels_needed = len(layers) + 1 + kernels
    columns = 4
    rows = -(-panels_needed // columns)
    figure = new_figure(DOUBLE_COLUMN, 0.3 + 1.6 * rows)
    panels = list(figure.subplots(rows, columns, squeeze=False).ravel())
    for unused in panels[panels_needed:]:
        unused.set_axis_off()
    panels, x = panels[:panels_needed], np.arange(len(swept))
    if kernels:
        _kernels(panels[0], swept)
    for axes, layer in zip(panels[kernels:-1], layers, strict=True):
        mean, low, high = (np.array([item.differences[layer][part] for item in swept]) for part in range(3))
        axes.errorbar(x, mean, yerr=[mean - low, high - mean], color=BLUE, marker="o", capsize=2, elinewidth=0.8)
        axes.set_title(layer)
        axes.set_ylabel(f"{measure} |Δ|")
    _last_panel(panels[-1], swept, last_label)
    for axes in panels:
        _ticks(axes, [item.weight_decay for item in swept])
    panel_letters(panels)
    handles = [
        Line2D([], [], color=_LAST_COLOURS.get(name, _OTHER_COLOUR), marker="o", label=name) for name in swept[0].last
    ]
    handles += [
        Line2D([], [], color=GREY, linestyle=d, label=f"{word} epoch") for word, d in (("best", "-"), ("last", "--"))
    ]
    figure.legend(handles=handles, loc="outside upper right", ncols=len(handles), columnspacing=1.2)
    return figure, _frame(swept)


def _last_panel(axes: Axes, swept: Sequence[Swept], label: str) -> None:
    for name in swept[0].last:
        colour = _LAST_COLOURS.get(name, _OTHER_COLOUR)
        for epoch, dashes in enumerate(("-", "--")):
            axes.plot(
                range(len(swept)), [item.last[name][epoch] for item in swept], color=colour, marker="o", ls=dashes
            )
    axes.set_title(label)
    axes.set_ylabel(label)


def _frame(swept: Sequence[Swept]) -> pd.DataFrame:
    records = []
    for item in swept:
        record: dict = {"weight_decay": item.weight_decay, "magnitude": item.magnitude, "variance": item.variance}
        for layer, (mean, low, high) in item.differences.items():
            record |= {layer: mean, f"{layer}_lower": low, f"{layer}_upper": high}
        for name, (best, last) in item.last.items():
            record |= {f"{name} (best epoch)": best, f"{name} (last epoch)": last}
        records.append(record)
    return pd.DataFrame.from_records(records)


def mean_interval(values: NDArray) -> tuple[float, float, float]:
    """A mean and its 95% interval from the standard error; NaN throughout for fewer than two values."""
    if len(values) < 2:
        return (float("nan"),) * 3
    mean, half = float(values.mean()), 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5
    return mean, mean - half, mean + half
