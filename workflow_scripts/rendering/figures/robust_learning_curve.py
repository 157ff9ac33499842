"""Accuracy and loss by epoch of an adversarial training, on natural images and under attack."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from workflow_scripts.rendering.figure_style import (
    BLACK,
    DOUBLE_COLUMN,
    GREY,
    ORANGE,
    VERMILLION,
    new_figure,
    panel_letters,
    paper_style,
    whole_numbers,
)

_INPUTS = {"natural": (BLACK, "o"), "fgsm": (ORANGE, "s"), "pgd": (VERMILLION, "^")}
_LABELS = {"natural": "natural", "fgsm": "FGSM", "pgd": "PGD"}
_PARTS = {"train": "--", "test": "-"}


@paper_style
def robust_learning_curve(history: pd.DataFrame, best_epoch: int) -> tuple[Figure, pd.DataFrame]:
    """Accuracy beside loss: colour and marker for the kind of input, dashed lines for training, solid for test images.

    history: one row per epoch, with `epoch` and `<natural|fgsm|pgd>_<train|test>_<accuracy|loss>`; NaN where an epoch
        was not evaluated.
    Returns the figure and the columns drawn, with a column `best`. Raises ValueError where a column is missing.
    """
    columns = [f"{kind}_{part}_{what}" for kind in _INPUTS for part in _PARTS for what in ("accuracy", "loss")]
    if missing := [name for name in ("epoch", *columns) if name not in history]:
        raise ValueError(f"history lacks {', '.join(missing)}; it has {', '.join(map(str, history.columns))}")
    frame = history[["epoch", *columns]].assign(best=history["epoch"] == best_epoch)
    known = frame[frame["pgd_test_accuracy"].notna()]
    figure = new_figure(DOUBLE_COLUMN, 2.6)
    panels = list(figure.subplots(1, 2))
    for axes, what, unit in zip(panels, ("accuracy", "loss"), ("", " (nats)"), strict=True):
        for kind, (colour, marker) in _INPUTS.items():
            for part, dashes in _PARTS.items():
                series = known[f"{kind}_{part}_{what}"]
                axes.plot(known["epoch"], series, color=colour, marker=marker, linestyle=dashes)
        axes.axvline(best_epoch, color=GREY, linewidth=0.9, linestyle=":", zorder=1)
        axes.set_xlabel("epoch")
        axes.set_ylabel(what + unit)
        axes.xaxis.set_major_locator(whole_numbers())
    panels[1].set_ylim(bottom=0)
    panel_letters(panels)
    handles = [Line2D([], [], color=c, marker=m, label=_LABELS[kind]) for kind, (c, m) in _INPUTS.items()]
    handles += [Line2D([], [], color=GREY, linestyle=d, label=f"{part} images") for part, d in _PARTS.items()]
    handles.append(Line2D([], [], color=GREY, linestyle=":", label=f"most robust epoch ({best_epoch})"))
    figure.legend(handles=handles, loc="outside upper center", ncols=len(handles), columnspacing=1.4)
    return figure, frame
