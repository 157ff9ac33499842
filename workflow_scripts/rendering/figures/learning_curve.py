"""Loss and accuracy by epoch of one training."""

from __future__ import annotations

import pandas as pd
from matplotlib.figure import Figure

from workflow_scripts.rendering.figure_style import (
    BLACK,
    BLUE,
    GREY,
    SINGLE_COLUMN,
    VERMILLION,
    SeriesStyle,
    new_figure,
    paper_style,
    whole_numbers,
)

_SPLITS = {
    "train": SeriesStyle(BLUE, "", "--"),
    "validation": SeriesStyle(BLACK, "", "-"),
    "robust": SeriesStyle(VERMILLION, "", "-."),
}


@paper_style
def learning_curve(history: pd.DataFrame, best_epoch: int | None = None) -> tuple[Figure, pd.DataFrame]:
    """Loss above, accuracy below, and a line at the epoch whose checkpoint is used.

    history: one row per epoch, with `epoch`, `<split>_loss` and `<split>_accuracy` (in [0, 1]) for the
    splits train, validation and, where adversarial examples were evaluated, robust; NaN for an epoch that
    was not evaluated. Validation is required; a split may lack its loss or its accuracy otherwise.
    best_epoch: one of them, by default the first with the highest validation accuracy.
    Returns the figure and the columns drawn, with a column `best` that is true for one epoch.
    Raises ValueError where a column or the best epoch is missing.
    """
    wanted = ["epoch", "validation_loss", "validation_accuracy"]
    if missing := [name for name in wanted if name not in history]:
        raise ValueError(f"history lacks {', '.join(missing)}; it has {', '.join(map(str, history.columns))}")
    names = [f"{split}_{what}" for split in _SPLITS for what in ("loss", "accuracy")]
    frame = history[["epoch", *(name for name in names if name in history)]].reset_index(drop=True)
    if best_epoch is None:
        if frame["validation_accuracy"].isna().all():
            raise ValueError("history has no validation accuracy to choose the best epoch by")
        best_epoch = int(frame["epoch"][frame["validation_accuracy"].idxmax()])
    if best_epoch not in set(frame["epoch"]):
        raise ValueError(f"the best epoch, {best_epoch}, is not in the history")
    frame["best"] = frame["epoch"] == best_epoch

    figure = new_figure(SINGLE_COLUMN, 3.3)
    panels = figure.subplots(2, 1, sharex=True)
    for axes, what in zip(panels, ("loss", "accuracy"), strict=True):
        for split, style in _SPLITS.items():
            name = f"{split}_{what}"
            if name not in frame:
                continue
            known = frame[frame[name].notna()]
            axes.plot(known["epoch"], known[name], label=split, **style.line)
            at_best = known[known["best"]]
            axes.plot(at_best["epoch"], at_best[name], "o", color=style.colour, markersize=3.5)
        axes.axvline(best_epoch, color=GREY, linewidth=0.8, linestyle=":", zorder=1)
        axes.set_ylabel(what)
    panels[0].set_ylim(bottom=0)
    panels[1].set_xlabel("epoch")
    panels[1].xaxis.set_major_locator(whole_numbers())
    if len(frame) == 1:
        panels[1].set_xlim(best_epoch - 1, best_epoch + 1)
    handles, labels = (list(kind) for kind in panels[1].get_legend_handles_labels())
    handles.append(panels[0].lines[-1])
    labels.append(f"best epoch ({best_epoch})")
    figure.legend(handles, labels, loc="outside upper center", ncols=len(labels), columnspacing=1.2, handlelength=2)
    return figure, frame
