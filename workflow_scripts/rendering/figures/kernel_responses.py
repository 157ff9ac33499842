"""Responses of smooth and rough kernels to consistent and disordered perturbations (local_properties, Figure 4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import BLUE, DOUBLE_COLUMN, VERMILLION, new_figure, paper_style

SIGNED, SIZE = "RdBu_r", "viridis"
_COLOURS = {"standard": VERMILLION, "robust": BLUE}
_MARKERS = {"standard": "s", "robust": "o"}


SIZE_INCHES = (DOUBLE_COLUMN, 3.4)
CELL, GAP = 0.84, 0.16  # inches, an image's side and the space to the next


def _shares(left: float, bottom: float, width: float, height: float) -> tuple[float, ...]:
    """Inches as fractions of the figure's size."""
    return left / SIZE_INCHES[0], bottom / SIZE_INCHES[1], width / SIZE_INCHES[0], height / SIZE_INCHES[1]


def _place(figure: Figure, row: int, column: int) -> Axes:
    """The axes of one cell of the 3 × 3 images on the left; row 0 is at the top."""
    return figure.add_axes(_shares(0.3 + column * (CELL + GAP), 0.3 + (2 - row) * (CELL + GAP), CELL, CELL))


def _picture(axes: Axes, values: NDArray, colours: str, low: float, high: float, label: str = ""):
    shown = axes.imshow(values, cmap=colours, vmin=low, vmax=high, interpolation="none")
    axes.set(xticks=[], yticks=[])
    axes.grid(False)
    for side in axes.spines.values():
        side.set_visible(True)
    axes.set_xlabel(label, labelpad=2, fontsize=6.5)
    return shown


@paper_style
def kernel_responses(
    perturbations: Mapping[str, NDArray],
    kernels: Mapping[str, NDArray],
    maps: Mapping[tuple[str, str], NDArray],
    roughness: NDArray,
    kernel_model: Sequence[str],
    mean_responses: Mapping[str, NDArray],
) -> tuple[Figure, pd.DataFrame]:
    """Two kernels and their responses to one perturbation of each model; beside them every kernel's mean response.

    perturbations: by the attacked model ("standard", "robust"), one channel (H, W). kernels: two by name, (h, w) of
    unit gain. maps: by (kernel, model), |Δ| (H', W') as a share of the largest possible. roughness (K,) and
    kernel_model (K,): every kernel's; mean_responses: by attacked model, each kernel's mean |Δ| (K,), likewise a share.
    Returns the figure and a frame with one row per kernel and attacked model.
    """
    figure = new_figure(*SIZE_INCHES)
    figure.set_layout_engine("none")  # All positions are computed here.
    bound = max(np.abs(values).max() for values in perturbations.values())
    strongest = max(np.abs(values).max() for values in kernels.values())
    highest = max(values.max() for values in maps.values())
    _place(figure, 0, 0).text(0.5, 0.5, "kernel  \\  perturbation", ha="center", va="center", fontsize=6.5)
    figure.axes[0].set_axis_off()
    for column, (model, values) in enumerate(perturbations.items(), start=1):
        axes = _place(figure, 0, column)
        _picture(axes, values, SIGNED, -bound, bound)
        axes.set_title(f"against {model}", fontsize=7, pad=3)
    for row, (name, kernel) in enumerate(kernels.items(), start=1):
        axes = _place(figure, row, 0)
        _picture(axes, kernel, SIGNED, -strongest, strongest)
        axes.set_ylabel(name, fontsize=7)
        for column, model in enumerate(perturbations, start=1):
            values = maps[name, model]
            shown = _picture(_place(figure, row, column), values, SIZE, 0, highest, f"mean {values.mean():.2f}")
    bar = figure.add_axes(_shares(0.3 + 3 * (CELL + GAP), 0.3, 0.08, 2 * CELL + GAP))
    figure.colorbar(shown, cax=bar).set_label("|Δ| / largest possible")

    axes = figure.add_axes(_shares(4.4, 0.45, 2.4, 2.6))
    records = []
    for model, values in mean_responses.items():
        style = {"color": _COLOURS[model], "marker": _MARKERS[model]}
        axes.scatter(roughness, values, s=9, alpha=0.6, linewidths=0, label=f"against {model}", **style)
        edges = np.quantile(roughness, np.linspace(0, 1, 6))
        inside = np.clip(np.searchsorted(edges, roughness, side="right") - 1, 0, 4)
        middles = [(roughness[inside == k].mean(), values[inside == k].mean()) for k in range(5) if (inside == k).any()]
        axes.plot(*zip(*middles, strict=True), color=_COLOURS[model], linewidth=1.4)
        for kernel, owner, value in zip(range(len(values)), kernel_model, values, strict=True):
            records.append(
                {
                    "kernel": kernel,
                    "model": str(owner),
                    "roughness": roughness[kernel],
                    "perturbations": model,
                    "response": value,
                }
            )
    axes.set_xlabel("kernel roughness (0: constant, 1: noise)")
    axes.set_ylabel("mean |Δ| / largest possible")
    axes.set_ylim(bottom=0)
    axes.legend(title="perturbations", title_fontsize=7, loc="best")
    axes.set_title("all first-layer kernels of both models")
    return figure, pd.DataFrame.from_records(records)
