"""Input-saliency heat maps below the images that they belong to (attack_signatures, Figures 6 and 7)."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    DOUBLE_COLUMN,
    GREY,
    VERMILLION,
    new_figure,
    paper_style,
    plain_label,
)

COLOURS = "viridis"


@dataclass(frozen=True)
class Picture:
    """image: (C, H, W) in [0, 1]; heat: (H, W) in [0, 1]; predicted: the victim's class; right: whether it is true."""

    image: NDArray
    heat: NDArray
    predicted: str
    right: bool


def _image(axes: Axes, picture: Picture) -> None:
    pixels = np.clip(np.moveaxis(picture.image, 0, -1), 0, 1)
    axes.imshow(pixels[..., 0] if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=1, interpolation="none")


@paper_style
def heat_maps(rows: list[Mapping[str, Picture]]) -> tuple[Figure, pd.DataFrame]:
    """For every image a row of its versions and a row of their heat maps; a column a class.

    rows: an image each: class → picture. Under each version stands what the victim sees, in colour where it is wrong.
    Returns the figure and a frame: image (from 1), class, predicted, right, SHA-256 of the image's and the heat map's
    float32 bytes, and the share of the heat in the hottest tenth of the pixels.
    """
    names = list(rows[0])
    figure = new_figure(DOUBLE_COLUMN, 0.1 + 2.15 * len(rows))
    panels = figure.subplots(2 * len(rows), len(names), squeeze=False)
    # A blur takes the peaks down, so that no map reaches 1: the scale ends at the hottest value drawn.
    norm = Normalize(0, max(float(p.heat.max()) for pictures in rows for p in pictures.values()) or 1)
    records = []
    for row, pictures in enumerate(rows):
        for column, (name, picture) in enumerate(pictures.items()):
            above, below = panels[2 * row, column], panels[2 * row + 1, column]
            _image(above, picture)
            below.imshow(picture.heat, cmap=COLOURS, norm=norm, interpolation="none")
            for axes in (above, below):
                axes.set(xticks=[], yticks=[])
                axes.grid(False)
                for spine in axes.spines.values():
                    spine.set_visible(False)
            if not row:
                above.set_title(plain_label(name))
            colour = GREY if picture.right else VERMILLION
            above.set_xlabel(plain_label(picture.predicted), color=colour, labelpad=2, fontsize=6.5)
            hottest = np.sort(picture.heat.ravel())[::-1]
            tenth = hottest[: max(1, len(hottest) // 10)].sum() / max(hottest.sum(), np.finfo(float).tiny)
            records.append(
                {
                    "image": row + 1,
                    "class": name,
                    "predicted": picture.predicted,
                    "right": picture.right,
                    "image_sha256": _digest(picture.image),
                    "heat_sha256": _digest(picture.heat),
                    "heat_in_hottest_tenth": float(tenth),
                }
            )
        panels[2 * row, 0].set_ylabel("image")
        panels[2 * row + 1, 0].set_ylabel("input saliency")
    bar = figure.colorbar(ScalarMappable(norm, COLOURS), ax=panels, pad=0.01, aspect=20 * len(rows), shrink=0.9)
    bar.set_label("input saliency (1: the map's clipped maximum)")
    bar.outline.set_visible(False)
    return figure, pd.DataFrame.from_records(records)


def _digest(values: NDArray) -> str:
    return hashlib.sha256(np.ascontiguousarray(values, dtype="<f4").tobytes()).hexdigest()
