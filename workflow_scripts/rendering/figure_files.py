"""A figure on disk: vector and pixels for people, and the numbers drawn for everyone else."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from workflow_scripts.rendering.figure_style import paper_style

PIXELS_PER_INCH = 200


def frame_csv(frame: pd.DataFrame) -> str:
    """`frame` as CSV without its index; every float is the shortest text that reads back as that double."""
    # A float32 would be written in its own shortest form, which is another double.
    wide = {name: np.float64 for name, kind in frame.dtypes.items() if kind in (np.float16, np.float32)}
    return frame.astype(wide).to_csv(index=False, lineterminator="\n")


@paper_style
def write_figure(fig: Figure, frame: pd.DataFrame, folder: Path | str, stem: str) -> list[Path]:
    """Write `stem`.pdf, `stem`.png (200 dpi) and `stem`.csv (the data drawn) into `folder`; return the paths.

    The folder is made if need be. No date and no program's name goes into the files: the same figure gives
    the same bytes under the same matplotlib. The figure's layout is settled once and then stays as it is.
    """
    # Constrained layout goes on improving with every drawing; both files must show, and repeat, the same one.
    if fig.get_layout_engine() is not None:
        fig.draw_without_rendering()
        fig.set_layout_engine("none")
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    pdf, png, data = (folder / f"{stem}.{ending}" for ending in ("pdf", "png", "csv"))
    fig.savefig(pdf, metadata={"CreationDate": None, "Creator": None, "Producer": None})
    fig.savefig(png, dpi=PIXELS_PER_INCH, metadata={"Software": None})
    data.write_text(frame_csv(frame), encoding="utf-8", newline="\n")
    return [pdf, png, data]
