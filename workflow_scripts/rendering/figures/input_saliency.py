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
class SaliencyMap:
    """image: (C, H, W) in [0, 1]; heat: (H, W) in [0, 1]; predicted: the predicted class; right: is it correct?"""

    image: NDArray
    heat: NDArray
    predicted: str
    right: bool


def _image(axes: Axes, each: SaliencyMap) -> None:
    pixels = np.clip(np.moveaxis(each.image, 0, -1), 0, 1)
    axes.imshow(pixels[..., 0] if pixels.shape[-1] == 1 else pixels, cmap="gray", vmin=0, vmax=1, interpolation="none")


@paper_style
def input_saliency(rows: list[Mapping[str, SaliencyMap]]) -> tuple[Figure, pd.DataFrame]:
    """Per image a row of its versions and a row of their heat maps; one column per class.

    rows: per image, class → saliency map. The label below each version is the victim's prediction, in colour where it
    is wrong.
    Returns the figure and a frame: image (from 1), class, predicted, right, SHA-256 of the image's and the heat map's
    float32 bytes, and the share of the heat in the hottest tenth of the pixels.
    """
    names = list(rows[0])
    figure = new_figure(DOUBLE_COLUMN, 0.1 + 2.15 * len(rows))
    panels = figure.subplots(2 * len(rows), len(names), squeeze=False)
    # The blur lowers the peaks, so that no map reaches 1: the scale ends at the largest value drawn.
    norm = Normalize(0, max(float(p.heat.max()) for maps in rows for p in maps.values()) or 1)
    records = []
    for row, maps in enumerate(rows):
        for column, (name, each) in enumerate(maps.items()):
            above, below = panels[2 * row, column], panels[2 * row + 1, column]
            _image(above, each)
            below.imshow(each.heat, cmap=COLOURS, norm=norm, interpolation="none")
            for axes in (above, below):
                axes.set(xticks=[], yticks=[])
                axes.grid(False)
                for spine in axes.spines.values():
                    spine.set_visible(False)
            if not row:
                above.set_title(plain_label(name))
            colour = GREY if each.right else VERMILLION
            above.set_xlabel(plain_label(each.predicted), color=colour, labelpad=2, fontsize=6.5)
            hottest = np.sort(each.heat.ravel())[::-1]
            tenth = hottest[: max(1, len(hottest) // 10)].sum() / max(hottest.sum(), np.finfo(float).tiny)
            records.append(
                {
                    "image": row + 1,
                    "class": name,
                    "predicted": each.predicted,
                    "right": each.right,
                    "image_sha256": _digest(each.image),
                    "heat_sha256": _digest(each.heat),
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
