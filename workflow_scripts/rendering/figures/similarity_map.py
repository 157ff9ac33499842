"""Attacks on models as points in a plane: near where they act alike (atlas)."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import cycle

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    DOUBLE_COLUMN,
    GREY,
    new_figure,
    paper_style,
    plain_label,
    series_styles,
)

_MARKERS = ("o", "s", "^", "D", "v", "P", "X", "*", "<", ">", "h", "p")
_FILLS = ("full", "none", "left", "top")
"""How the markers of attacks of the same colour differ."""
_WIDTH, _LINE = 3.7, 0.17
"""Inches: of the map, and of a line of the legend."""


@paper_style
def similarity_map(points: NDArray, names: Sequence[tuple[str, str]], shares: NDArray) -> tuple[Figure, pd.DataFrame]:
    """Points (P, 2), coloured by attack, their markers by model, at the same scale on both axes.

    names: model and attack of each point; shares: (2,), of the differences that each axis shows.
    Returns the figure and a frame with one row per point. Raises ValueError where names and points differ in number.
    """
    if len(names) != len(points):
        raise ValueError(f"{len(names)} names for {len(points)} points")
    models, attacks = (list(dict.fromkeys(parts)) for parts in zip(*names, strict=True))
    markers, styles = dict(zip(models, cycle(_MARKERS), strict=False)), _point_styles(attacks)
    width, height = np.ptp(points, axis=0)
    needed = _WIDTH * float(np.clip(height / max(width, 1e-12), 0.4, 1.2)) + 0.6
    figure = new_figure(DOUBLE_COLUMN * 0.8, max(needed, _LINE * (len(attacks) + len(models) + 4)))
    axes = figure.subplots()
    for (x, y), (model, attack) in zip(points, names, strict=True):
        axes.plot(x, y, marker=markers[model], **styles[attack], markersize=6)
    axes.set_aspect("equal", adjustable="datalim")
    axes.set_xlabel(f"first axis ({100 * shares[0]:.0f}% of the differences)")
    axes.set_ylabel(f"second axis ({100 * shares[1]:.0f}%)")
    axes.margins(0.12)
    for title, handles, place in (
        ("Attack", [_handle(name, marker="o", **styles[name]) for name in attacks], "outside right upper"),
        ("Model", [_handle(name, marker=markers[name], color=GREY) for name in models], "outside right lower"),
    ):
        figure.legend(handles=handles, title=title, loc=place, title_fontsize=7, alignment="left")
    records = [
        {"model": model, "attack": attack, "first": float(x), "second": float(y)}
        for (model, attack), (x, y) in zip(names, points, strict=True)
    ]
    return figure, pd.DataFrame.from_records(records)


def _point_styles(attacks: Sequence[str]) -> dict[str, dict]:
    """The colour of each attack, and how its markers are filled: attacks of one colour in different ways."""
    found: dict[str, dict] = {}
    for name, style in series_styles(attacks).items():
        same = sum(other["color"] == style.colour for other in found.values())
        found[name] = {"color": style.colour, "fillstyle": _FILLS[same % len(_FILLS)], "markerfacecoloralt": "white"}
    return found


def _handle(name: str, **style) -> Line2D:
    return Line2D([], [], **style, linestyle="none", markersize=5, label=plain_label(name))
