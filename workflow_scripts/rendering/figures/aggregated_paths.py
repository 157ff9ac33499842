"""Aggregated information paths of normal and adversarial inputs (information_flow, Figures 4 to 11)."""

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
    DOUBLE_COLUMN,
    GREY,
    SeriesStyle,
    layer_ticks,
    new_figure,
    panel_letters,
    paper_style,
    plain_label,
    series_styles,
)

NORMAL = "normal"
_SELF, _OTHER = "-", (0, (3, 1.5))


@dataclass(frozen=True)
class Band:
    """A posterior over layers: mean and credible bounds, (K,) float each, nats."""

    mean: NDArray
    low: NDArray
    high: NDArray


@dataclass(frozen=True)
class AggregatedPath:
    """The aggregated IIP and OIP of one group of inputs in one model.

    attack: the attack's name, or `normal`. target: the model that the inputs were made for, None where there is only
    one model.
    """

    attack: str
    iip: Band
    oip: Band
    target: str | None = None


def _band_arrays(path: AggregatedPath, layers: int) -> None:
    for name, band in (("IIP", path.iip), ("OIP", path.oip)):
        for part in ("mean", "low", "high"):
            shape = np.shape(getattr(band, part))
            if shape != (layers,):
                raise ValueError(f"{path.attack}: the {name}'s {part} has shape {shape}, and should be ({layers},)")


def _dashes(path: AggregatedPath, model: str) -> str | tuple[float, tuple[float, ...]]:
    return _SELF if path.target in (None, model) else _OTHER


def _draw(panels: Sequence[Axes], path: AggregatedPath, style: SeriesStyle, order: int) -> None:
    line = {**style.line, "zorder": order, "markersize": 2.6, "linewidth": 1.0}
    k = np.arange(len(path.iip.mean))
    for axes, band in zip(panels, (path.iip, path.oip), strict=False):
        shade = {"color": style.colour, "alpha": 0.15, "linewidth": 0, "zorder": order - 0.5}
        axes.fill_between(k, band.low, band.high, **shade)
        axes.plot(k, band.mean, **line)
    errors = [np.clip([band.mean - band.low, band.high - band.mean], 0, None) for band in (path.iip, path.oip)]
    panels[2].errorbar(
        path.iip.mean,
        path.oip.mean,
        xerr=errors[0],
        yerr=errors[1],
        fmt="none",
        ecolor=style.colour,
        alpha=0.35,
        elinewidth=0.6,
        zorder=order - 0.5,
    )
    panels[2].plot(path.iip.mean, path.oip.mean, **line)


def _legend(
    figure: Figure, styles: Mapping[str, SeriesStyle], dashed: bool, by_target: bool, targets: Sequence[str]
) -> None:
    handles = []
    for name, style in styles.items():
        label = f"targeting {plain_label(name)}" if by_target and name != NORMAL else plain_label(name)
        dashes = style.dashes if not dashed or name == NORMAL else ""
        handles.append(Line2D([], [], color=style.colour, marker=style.marker, linestyle=dashes or "none", label=label))
    if dashed:
        other = "another model" if len(targets) > 2 else "the other model"
        for dashes, label in ((_SELF, "made for this model"), (_OTHER, f"made for {other}")):
            handles.append(Line2D([], [], color=GREY, linestyle=dashes, label=label))
    # An entry is about half an inch wider than its text; matplotlib fills a legend column by column.
    widest = 0.5 + 0.058 * max(len(handle.get_label()) for handle in handles)
    lines = -(-len(handles) // int(DOUBLE_COLUMN / widest))
    columns = -(-len(handles) // lines)
    by_column = [handle for column in range(columns) for handle in handles[column::columns]]
    figure.legend(handles=by_column, loc="outside upper center", ncols=columns, columnspacing=1.4)


@paper_style
def aggregated_paths(
    models: Mapping[str, Sequence[AggregatedPath]], layers: Mapping[str, Sequence[str]] | None = None
) -> tuple[Figure, pd.DataFrame]:
    """IIP, OIP and IOC with credible bands: three panels per inference model.

    models: by the inference model's name, the aggregated paths measured on it; those of normal inputs are named
        `normal` (black).
    layers: by model, the K names of its conv layers, by default conv1 … convK.
    Colour and marker show the attack, or, where one attack targets three models or more (Figures 7, 10, 11), the target
    model. Paths of inputs made for another model than the inference model are dashed, all others solid.
    Returns the figure and a frame with one row per path and layer: model, attack, target (empty where there is none),
    layer, and mean, low, high of iip and oip.
    Raises ValueError where there is no path or where the arrays of one model differ in length.
    """
    paths = [path for drawn in models.values() for path in drawn]
    if not paths or not all(models.values()):
        raise ValueError("there is a model without information paths")
    attacks = {path.attack for path in paths} - {NORMAL}
    targets = list(dict.fromkeys(path.target for path in paths if path.target is not None))
    by_target = len(attacks) == 1 and len(targets) > 2
    dashed = any(_dashes(path, model) != _SELF for model, drawn in models.items() for path in drawn)
    names = [path.target if by_target and path.target is not None else path.attack for path in paths]
    styles = series_styles(sorted(dict.fromkeys(names), key=lambda name: name != NORMAL))

    several = len(models) > 1
    figure = new_figure(DOUBLE_COLUMN, 0.35 + 1.95 * len(models))
    rows = figure.subfigures(len(models), 1, squeeze=False)[:, 0]
    every: list[Axes] = []
    records = []
    for row, (model, drawn) in zip(rows, models.items(), strict=True):
        panels = list(row.subplots(1, 3))
        count = len(drawn[0].iip.mean)
        labels = list((layers or {}).get(model, [f"conv{k + 1}" for k in range(count)]))
        if len(labels) != count:
            raise ValueError(f"{model}: {len(labels)} layer names for {count} layers")
        for index, path in enumerate(drawn):
            _band_arrays(path, count)
            known = styles[path.target if by_target and path.target is not None else path.attack]
            dashes = _dashes(path, model) if dashed else known.dashes
            _draw(panels, path, SeriesStyle(known.colour, known.marker, dashes), 3 + index)
            for k, layer in enumerate(labels):
                records.append(
                    {"model": model, "attack": path.attack, "target": path.target or "", "layer": layer}
                    | {f"iip_{part}": getattr(path.iip, part)[k] for part in ("mean", "low", "high")}
                    | {f"oip_{part}": getattr(path.oip, part)[k] for part in ("mean", "low", "high")}
                )
        for axes, title in zip(panels, ("IIP", "OIP", "IOC"), strict=True):
            axes.set_title(f"{title}, {plain_label(model)}" if several else title, color=BLACK)
        for axes, label in zip(panels, ("input", "output", "output"), strict=True):
            axes.set_ylabel(f"{label} MI (nats)")
        for axes in panels[:2]:
            layer_ticks(axes, labels)
        panels[2].set_xlabel("input MI (nats)")
        every += panels
    panel_letters(every)
    _legend(figure, styles, dashed, by_target, targets)
    return figure, pd.DataFrame.from_records(records)
