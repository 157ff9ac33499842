"""Average log-amplitude spectra and their differences (local_properties, Figure 2)."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.publish.style import DOUBLE_COLUMN, new_figure, panel_letters, printed


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


@printed
def amplitude_spectra(
    spectra: Mapping[str, NDArray], differences: Mapping[str, NDArray]
) -> tuple[Figure, pd.DataFrame]:
    """Spectra on one scale, then differences on one symmetric scale (white: no difference), side by side.

    spectra, differences: by title, maps (H, W) of ln |FFT| and of their differences, frequency zero central.
    Returns the figure and a frame, one row a frequency: its row and column in cycles per image, and each map.
    Raises ValueError for maps of different shapes.
    """
    maps = {**spectra, **differences}
    shapes = {values.shape for values in maps.values()}
    if len(shapes) != 1:
        raise ValueError(f"spectra have shapes {sorted(shapes)}, and should have one")
    (shape,) = shapes
    figure = new_figure(DOUBLE_COLUMN, 2.0)
    panels = list(figure.subplots(1, len(maps), squeeze=False)[0])
    low = min(values.min() for values in spectra.values())
    high = max(values.max() for values in spectra.values())
    largest = max(np.abs(values).max() for values in differences.values()) or 1.0
    split = len(spectra)
    for axes, (title, values) in zip(panels, spectra.items(), strict=False):
        shown = _show(axes, values, title, cmap="viridis", vmin=low, vmax=high)
    bar = figure.colorbar(shown, ax=panels[:split], location="bottom", shrink=0.6, aspect=35, pad=0.03)
    bar.set_label("ln |amplitude|")
    for axes, (title, values) in zip(panels[split:], differences.items(), strict=True):
        shown = _show(axes, values, title, cmap="RdBu_r", vmin=-largest, vmax=largest)
    bar = figure.colorbar(shown, ax=panels[split:], location="bottom", shrink=0.8, aspect=28, pad=0.03)
    bar.set_label("ln |adversarial| − ln |natural|")
    panels[0].set_ylabel("cycles/image")
    panel_letters(panels)
    rows, columns = np.indices(shape)
    frame = pd.DataFrame({"row": (rows - shape[0] // 2).ravel(), "column": (columns - shape[1] // 2).ravel()})
    return figure, frame.assign(**{title: values.ravel() for title, values in maps.items()})
