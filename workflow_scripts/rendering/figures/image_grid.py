"""A grid of images with row and column titles (attack_signatures, Figures 2 and 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import DOUBLE_COLUMN, new_figure, paper_style, plain_label

GAP = 0.05  # of a cell
LETTER = 0.058  # inches, a letter's width at 7 points
LARGEST = 1.05  # inches, a cell


def around_grey(difference: NDArray, factor: float) -> NDArray:
    """0.5 + factor · difference, clipped to [0, 1]: a signed image drawn around mid-grey."""
    return np.clip(0.5 + factor * difference, 0, 1)


@paper_style
def image_grid(rows: Mapping[str, Sequence[NDArray]], columns: Sequence[str]) -> tuple[Figure, pd.DataFrame]:
    """A grid of images, with the rows' names at the left and the columns' names above.

    rows: name → images (C, H, W) in [0, 1], C 1 or 3, as many as `columns`.
    Returns the figure and a frame: row, column, and the SHA-256 of each image's float32 bytes, its mean, smallest and
    largest value. Raises ValueError for a row of another length.
    """
    names = [plain_label(name) for name in rows]
    margin = 0.1 + LETTER * max(len(line) for name in names for line in name.split("\n"))
    cell = min(LARGEST, (DOUBLE_COLUMN - margin) / len(columns))
    top = 0.14 * max(column.count("\n") + 1 for column in columns) + 0.04
    width, height = margin + cell * len(columns), top + cell * len(rows)
    figure = new_figure(width, height)
    figure.set_layout_engine("none")
    axes = figure.add_axes((margin / width, 0, cell * len(columns) / width, cell * len(rows) / height))
    axes.set_axis_off()
    axes.set(xlim=(0, len(columns)), ylim=(len(rows), 0), autoscale_on=False)
    records = []
    for row, (name, images) in enumerate(rows.items()):
        if len(images) != len(columns):
            raise ValueError(f"{name}: {len(images)} images for {len(columns)} columns")
        axes.text(-0.05 / cell, row + 0.5, names[row], ha="right", va="center", fontsize=7)
        for column, image in enumerate(images):
            pixels = np.clip(np.moveaxis(np.asarray(image), 0, -1), 0, 1)
            axes.imshow(
                pixels[..., 0] if pixels.shape[-1] == 1 else pixels,
                extent=(column + GAP / 2, column + 1 - GAP / 2, row + 1 - GAP / 2, row + GAP / 2),
                cmap="gray",
                vmin=0,
                vmax=1,
                interpolation="none",  # the PDF then holds the image's own pixels
                aspect="auto",
            )
            stored = np.ascontiguousarray(image, dtype="<f4")
            records.append(
                {
                    "row": name,
                    "column": columns[column].replace("\n", " "),
                    "sha256": hashlib.sha256(stored.tobytes()).hexdigest(),
                    "mean": float(stored.mean()),
                    "smallest": float(stored.min()),
                    "largest": float(stored.max()),
                }
            )
    for column, title in enumerate(columns):
        axes.text(column + 0.5, -0.04 / cell, plain_label(title), ha="center", va="bottom", fontsize=7)
    return figure, pd.DataFrame.from_records(records)
