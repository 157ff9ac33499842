"""Writing a figure: as vector graphics, as pixels, and its data as CSV."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from workflow_scripts.rendering.figure_style import paper_style

PIXELS_PER_INCH = 200


def frame_csv(frame: pd.DataFrame) -> str:
    """`frame` as CSV without its index; every float in the shortest form that reads back as the same double."""
    # The shortest form of a float32 would read back as another double.
    wide = {name: np.float64 for name, kind in frame.dtypes.items() if kind in (np.float16, np.float32)}
    return frame.astype(wide).to_csv(index=False, lineterminator="\n")


@paper_style
def write_figure(fig: Figure, frame: pd.DataFrame, folder: Path | str, stem: str) -> list[Path]:
    """Write `stem`.pdf, `stem`.png (200 dpi) and `stem`.csv (the data drawn) into `folder`; return the paths.

    The folder is created if necessary. The files contain no date and no program name: the same figure gives the same
    bytes under the same matplotlib. The figure's layout is computed once and then fixed.
    """
    # Constrained layout changes with every drawing; both files must show the same one, reproducibly.
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
