"""Information paths of the intermediate inputs of an attack (information_flow, Figure 3)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from matplotlib import colormaps
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.collections import LineCollection
from matplotlib.colors import ListedColormap, Normalize
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    DOUBLE_COLUMN,
    layer_ticks,
    new_figure,
    panel_letters,
    paper_style,
    whole_numbers,
)

# Black to light, as in the paper; the map's last tenth is too pale to be seen on white.
_COLOURS = ListedColormap(colormaps["inferno"](np.linspace(0.0, 0.88, 256)), name="iterations")


def _lines(axes: Axes, x: NDArray, y: NDArray, steps: NDArray, norm: Normalize) -> None:
    """One line per iteration: x, y (n + 1, K), steps (n + 1,); the first and the last are thicker and on top."""
    count = len(y)
    widths = np.full(count, 0.6)
    widths[[0, -1]] = 1.8
    order = [*range(1, count - 1), count - 1, 0] if count > 1 else [0]
    lines = LineCollection(
        list(np.stack([x, y], axis=-1)[order]),
        array=steps[order].astype(float),
        cmap=_COLOURS,
        norm=norm,
        linewidths=widths[order],
        capstyle="round",
    )
    axes.add_collection(lines)
    axes.autoscale_view()


@paper_style
def attack_trajectory(
    input_paths: NDArray,
    output_paths: NDArray,
    layers: Sequence[str] | None = None,
    iterations: Sequence[int] | None = None,
    others: Sequence[tuple[NDArray, NDArray, NDArray]] = (),
    step: str = "attack iteration",
) -> tuple[Figure, pd.DataFrame]:
    """Above, IIP, OIP and IOC of x̂_0 … x̂_n; below, the distance of IIP and OIP from those of x̂_0 by iteration.

    input_paths, output_paths: (n + 1, K) float, nats: the mean source and target mutual information at each
    of K conv layers, for the original (first), the intermediate and the adversarial input (last).
    layers: K names, by default conv1 … convK.
    iterations: each path's iteration, ascending from 0, by default 0 … n (of a long attack only some inputs are kept).
    step: what the iterations count, for the axis.
    others: iterations (m,), IIPs and OIPs (m, K) of further inputs, of which only the deviations are drawn, in grey.
    The distance is the paper's: the mean over layers of the absolute difference.
    Returns the figure and a frame with one row per input, iteration and layer: input (0 is the drawn one), iteration,
    layer, iip, oip, iip_deviation, oip_deviation (the last two are the iteration's, repeated for its layers).
    Raises ValueError for shapes that differ and for iterations that do not ascend from 0.
    """
    shape = input_paths.shape
    if len(shape) != 2 or output_paths.shape != shape or 0 in shape:
        raise ValueError(f"paths have shapes {shape} and {output_paths.shape}, and should both be (n + 1, K)")
    layers = list(layers) if layers is not None else [f"conv{k + 1}" for k in range(shape[1])]
    if len(layers) != shape[1]:
        raise ValueError(f"{len(layers)} layer names for {shape[1]} layers")
    steps = np.arange(shape[0]) if iterations is None else np.asarray(iterations)
    if steps.shape != shape[:1] or steps[0] != 0 or (np.diff(steps) <= 0).any():
        raise ValueError(f"iterations are {steps.tolist()}, and should be {shape[0]} numbers ascending from 0")
    positions = np.broadcast_to(np.arange(shape[1], dtype=float), shape)
    deviations = [deviation_of(paths) for paths in (input_paths, output_paths)]

    figure = new_figure(DOUBLE_COLUMN, 4.1)
    grid = figure.add_gridspec(2, 6, height_ratios=(1.25, 1))
    upper = [figure.add_subplot(grid[0, 2 * k : 2 * k + 2]) for k in range(3)]
    lower = [figure.add_subplot(grid[1, 3 * k : 3 * k + 3]) for k in range(2)]
    norm = Normalize(0, max(steps[-1], 1))
    drawn = ((positions, input_paths), (positions, output_paths), (input_paths, output_paths))
    for axes, title, (x, y) in zip(upper, ("IIP", "OIP", "IOC"), drawn, strict=True):
        _lines(axes, x, y, steps, norm)
        axes.set_title(title)
    for axes, label in zip(upper, ("input MI (nats)", "output MI (nats)", "output MI (nats)"), strict=True):
        axes.set_ylabel(label)
    for axes in upper[:2]:
        layer_ticks(axes, layers)
    upper[2].set_xlabel("input MI (nats)")
    upper[2].margins(0.1)
    # The curve itself does not show at which end it starts.
    for k in sorted({0, shape[1] - 1}):
        point = (input_paths[0, k], output_paths[0, k])
        upper[2].annotate(layers[k], point, xytext=(3, 3), textcoords="offset points", fontsize=6)

    for which, (axes, title, deviation) in enumerate(zip(lower, ("IIP", "OIP"), deviations, strict=True)):
        for other in others:
            axes.plot(other[0], deviation_of(other[1 + which]), color="#C8C8C8", linewidth=0.6, zorder=1)
        axes.plot(steps, deviation, color="#777777", linewidth=0.8, zorder=2)
        axes.scatter(steps, deviation, c=steps, cmap=_COLOURS, norm=norm, s=9, zorder=3)
        axes.set_title(f"deviation of the {title}")
        axes.set_xlabel(step)
        axes.set_ylabel("distance from $\\hat{x}_0$ (nats)")
        axes.xaxis.set_major_locator(whole_numbers())
        axes.set_ylim(bottom=0)
    panel_letters([*upper, *lower])
    bar = figure.colorbar(ScalarMappable(norm, _COLOURS), ax=[*upper, *lower], aspect=40, pad=0.015)
    bar.set_label(step)
    bar.locator = whole_numbers()
    bar.outline.set_visible(False)

    frames = [_frame(0, steps, input_paths, output_paths, layers)]
    frames += [_frame(number, *other, layers) for number, other in enumerate(others, start=1)]
    return figure, pd.concat(frames, ignore_index=True)


def deviation_of(paths: NDArray) -> NDArray:
    """The distance of each path (m, K) from the first: the mean over layers of the absolute difference (m,), nats."""
    return np.abs(paths - paths[0]).mean(axis=1)


def _frame(number: int, steps: NDArray, input_paths: NDArray, output_paths: NDArray, layers: list[str]) -> pd.DataFrame:
    row, depth = (index.ravel() for index in np.indices(input_paths.shape))
    return pd.DataFrame(
        {
            "input": number,
            "iteration": np.asarray(steps)[row],
            "layer": [layers[k] for k in depth],
            "iip": input_paths.ravel(),
            "oip": output_paths.ravel(),
            "iip_deviation": deviation_of(input_paths)[row],
            "oip_deviation": deviation_of(output_paths)[row],
        }
    )
