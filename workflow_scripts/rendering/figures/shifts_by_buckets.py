"""Paired shifts of information paths by the number of buckets and the size of maps."""

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
    new_figure,
    panel_letters,
    paper_style,
    plain_label,
    series_styles,
)

COLUMNS = {
    ("iip", "plug_in"): "IIP, plug-in",
    ("iip", "corrected"): "IIP, corrected",
    ("oip", "plug_in"): "OIP, plug-in",
    ("oip", "corrected"): "OIP, corrected",
}


@dataclass(frozen=True)
class ShiftByBuckets:
    """The mean shift (S, B) of one attack's inputs by size of maps and number of buckets, and its interval, nats."""

    attack: str
    path: str
    estimate: str
    mean: NDArray
    lower: NDArray
    upper: NDArray
    samples: int


@paper_style
def shifts_by_buckets(
    lines: Sequence[ShiftByBuckets], buckets: Sequence[int], sides: Sequence[int]
) -> tuple[Figure, pd.DataFrame]:
    """A row of panels per size of maps, a column per path and estimate; bars are intervals.

    buckets: B numbers, the abscissa; sides: S sides to which maps are pooled, 0 for their own size. Returns the figure
    and a frame with one row per attack, path, estimate, side and number of buckets: mean, lower, upper, samples. Raises
    ValueError without lines.
    """
    if not lines:
        raise ValueError("no attack has two inputs whose paths could be compared with their clean images'")
    styles = series_styles(sorted({line.attack for line in lines}))
    figure = new_figure(DOUBLE_COLUMN, 0.6 + 1.7 * len(sides))
    axes = figure.subplots(len(sides), len(COLUMNS), sharex=True, sharey="col", squeeze=False)
    for row, side in enumerate(sides):
        for column, (key, title) in enumerate(COLUMNS.items()):
            panel = axes[row, column]
            panel.axhline(0, color=GREY, linewidth=0.8, zorder=1)
            for line in lines:
                if (line.path, line.estimate) == key:
                    mean, style = line.mean[row], styles[line.attack]
                    errors = [mean - line.lower[row], line.upper[row] - mean]
                    panel.errorbar(range(len(buckets)), mean, yerr=errors, elinewidth=0.6, **style.line)
            panel.set_title(title if row == 0 else "")
            panel.set_xticks(range(len(buckets)), [str(count) for count in buckets])
        axes[row, 0].set_ylabel(f"{f'at most {side} × {side}' if side else 'own size'}\nshift (nats)")
    for panel in axes[-1]:
        panel.set_xlabel("buckets")
    panel_letters(axes.ravel())
    handles = [Line2D([], [], label=plain_label(name), **style.line) for name, style in styles.items()]
    figure.legend(handles=handles, loc="outside upper center", ncols=min(6, len(handles)))
    records = [
        {"attack": line.attack, "path": line.path, "estimate": line.estimate, "side": side, "buckets": count,
         "mean": line.mean[row, column], "lower": line.lower[row, column], "upper": line.upper[row, column],
         "samples": line.samples}
        for line in lines for row, side in enumerate(sides) for column, count in enumerate(buckets)
    ]  # fmt: skip
    return figure, pd.DataFrame.from_records(records)
