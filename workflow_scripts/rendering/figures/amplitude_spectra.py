"""Average log-amplitude spectra and their differences (local_properties, Figure 2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import DOUBLE_COLUMN, new_figure, panel_letters, paper_style

LEFT, RIGHT, TOP, BOTTOM = 0.5, 0.12, 0.25, 1.02  # inches, around the maps
GAP, MORE = 0.22, 0.3  # inches, between two maps, and before the differences


def _shares(left: float, bottom: float, width: float, height: float, size: tuple[float, float]) -> tuple[float, ...]:
    """Inches as fractions of the figure's size."""
    return left / size[0], bottom / size[1], width / size[0], height / size[1]


def _extent(shape: tuple[int, int]) -> tuple[float, float, float, float]:
    height, width = shape
    left, top = -(width // 2) - 0.5, -(height // 2) - 0.5
    return left, left + width, top + height, top


def _show(axes: Axes, values: NDArray, title: str, **how):
    image = axes.imshow(values, extent=_extent(values.shape), interpolation="none", **how)
    axes.set_title(title)
    axes.grid(False)
    for side in axes.spines.values():
        side.set_visible(True)
    height, width = values.shape
    axes.set_xticks([-(width // 2), 0, (width - 1) // 2])
    axes.set_yticks([-(height // 2), 0, (height - 1) // 2])
    axes.set_xlabel("cycles/image")
    return image


@paper_style
def amplitude_spectra(
    spectra: Mapping[str, NDArray], differences: Mapping[str, NDArray], letters: str
) -> tuple[Figure, pd.DataFrame]:
    """Spectra on one scale, then differences on one symmetric scale (white: no difference), side by side.

    spectra, differences: by title, maps (H, W) of ln |FFT| and of their differences, with frequency zero at the centre.
    letters: of the panels, from left to right.
    Returns the figure and a frame with one row per frequency: its row and column in cycles per image, and every map.
    Raises ValueError for maps of different shapes.
    """
    maps = {**spectra, **differences}
    shapes = {values.shape for values in maps.values()}
    if len(shapes) != 1:
        raise ValueError(f"spectra have shapes {sorted(shapes)}, and should have one")
    (shape,) = shapes
    low = min(values.min() for values in spectra.values())
    high = max(values.max() for values in spectra.values())
    largest = max(np.abs(values).max() for values in differences.values()) or 1.0
    scales = {title: {"cmap": "viridis", "vmin": low, "vmax": high} for title in spectra}
    scales |= {title: {"cmap": "RdBu_r", "vmin": -largest, "vmax": largest} for title in differences}
    side = (DOUBLE_COLUMN - LEFT - RIGHT - GAP * (len(maps) - 1) - MORE) / len(maps)
    size = (DOUBLE_COLUMN, TOP + side + BOTTOM)
    figure = new_figure(*size)
    figure.set_layout_engine("none")  # Every place is computed here.
    panels, shown = [], {}
    for place, (title, values) in enumerate(maps.items()):
        left = LEFT + place * (side + GAP) + (MORE if title in differences else 0)
        panels.append(figure.add_axes(_shares(left, BOTTOM, side, side, size)))
        shown[title] = _show(panels[-1], values, title, **scales[title])
        if place not in (0, len(spectra)):
            panels[-1].tick_params(labelleft=False)
    panels[0].set_ylabel("cycles/image", labelpad=0)
    for group, label in ((spectra, "ln |amplitude|"), (differences, "ln |adversarial| − ln |natural|")):
        first, last = (panels[list(maps).index(title)].get_position() for title in (list(group)[0], list(group)[-1]))
        width = (last.x1 - first.x0) * DOUBLE_COLUMN
        place = _shares(first.x0 * DOUBLE_COLUMN + 0.15 * width, 0.43, 0.7 * width, 0.07, size)
        figure.colorbar(shown[next(iter(group))], cax=figure.add_axes(place), orientation="horizontal").set_label(label)
    panel_letters(panels, letters)
    rows, columns = np.indices(shape)
    frame = pd.DataFrame({"row": (rows - shape[0] // 2).ravel(), "column": (columns - shape[1] // 2).ravel()})
    return figure, frame.assign(**{title: values.ravel() for title, values in maps.items()})
