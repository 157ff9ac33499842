"""Perturbations in the pixel domain, overall and by channel (local_properties, Figures 3, 7 and 8)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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

COLOURS = "RdBu_r"
LABEL = 0.14  # inches, for a line of text
CELL_LIMIT = 0.95  # inches, an image's width
GAP = 0.06  # of a cell, between two images
BETWEEN = 0.35  # of a cell, between two models
CHANNELS = ("red", "green", "blue")


@dataclass(frozen=True)
class AttackedImages:
    """N adversarial images of one model's attack: x_adv (N, C, H, W) in [0, 1], predicted classes and success (N,)."""

    x_adv: NDArray
    classes: Sequence[str]
    success: Sequence[bool]


def panels_of(natural: NDArray, x_adv: NDArray, bound: float) -> dict[str, tuple[NDArray, bool]]:
    """The panels of an adversarial image (C, H, W) and its perturbation: title → (pixels, drawn on the signed scale?).

    A perturbation of one channel has one panel; one of three channels is drawn in colour (mid-grey: no change; range
    ±bound), as the mean over channels, and channel by channel.
    """
    perturbation = x_adv - natural
    shown = {"adversarial": (np.moveaxis(x_adv, 0, -1), False)}
    if len(perturbation) == 1:
        return shown | {"perturbation": (perturbation[0], True)}
    shown["overall"] = (np.clip(0.5 + np.moveaxis(perturbation, 0, -1) / (2 * bound), 0, 1), False)
    shown["mean"] = (perturbation.mean(axis=0), True)
    names = CHANNELS if len(perturbation) == len(CHANNELS) else tuple(map(str, range(len(perturbation))))
    return shown | {name: (values, True) for name, values in zip(names, perturbation, strict=True)}


def _draw(axes: Axes, pixels: NDArray, signed: bool, bound: float, left: float, bottom: float) -> None:
    extent = (left + GAP / 2, left + 1 - GAP / 2, bottom + GAP / 2, bottom + 1 - GAP / 2)
    how = {"cmap": COLOURS, "vmin": -bound, "vmax": bound} if signed else {"cmap": "gray", "vmin": 0, "vmax": 1}
    grey = pixels.ndim == 3 and pixels.shape[-1] == 1
    axes.imshow(pixels[..., 0] if grey else pixels, extent=extent, interpolation="none", aspect="auto", **how)


@paper_style
def perturbations(
    natural: NDArray, classes: Sequence[str], attacked: Mapping[str, AttackedImages], bound: float
) -> tuple[Figure, pd.DataFrame]:
    """One row per image: the natural image, then for each model the adversarial version and its perturbation.

    natural: (N, C, H, W) in [0, 1], C 1 or 3; classes: the N true classes. attacked: by model, the same images.
    bound: the largest |perturbation|, the ends of the colour scale; above 0.
    The label under an adversarial image is the prediction: in colour where the attack succeeded, else in grey italics.
    Returns the figure and a frame with one row per image and model: class, answer (the prediction), success, L∞ and
    mean |perturbation|.
    Raises ValueError for images of other shapes, and where there is none.
    """
    if natural.ndim != 4 or not len(natural):
        raise ValueError(f"natural images have shape {natural.shape}, and should be (N, C, H, W) with N > 0")
    for model, made in attacked.items():
        if made.x_adv.shape != natural.shape:
            raise ValueError(f"{model}: images of shape {made.x_adv.shape}, and the natural ones {natural.shape}")
    parts = len(panels_of(natural[0], natural[0], bound))
    columns = 1 + len(attacked) * (parts + BETWEEN)
    cell = min(CELL_LIMIT, (DOUBLE_COLUMN - 0.1) / columns)
    text, head, foot = LABEL / cell, 2.4 * LABEL / cell, 3.7 * LABEL / cell
    height = head + len(natural) * (1 + text) + foot
    figure = new_figure(columns * cell + 0.1, height * cell)
    figure.set_layout_engine("none")  # All positions are computed here.
    axes = figure.add_axes((0.05 / (columns * cell + 0.1), 0, columns * cell / (columns * cell + 0.1), 1))
    axes.set_axis_off()
    axes.set(xlim=(0, columns), ylim=(0, height), autoscale_on=False)
    size = float(np.clip(72 * cell / 6.2, 4, 7))
    records = []
    for row, image in enumerate(natural):
        bottom = height - head - (row + 1) * (1 + text) + text
        under = bottom - 0.75 * text
        _draw(axes, np.moveaxis(image, 0, -1), False, bound, 0, bottom)
        axes.text(0.5, under, plain_label(classes[row]), ha="center", fontsize=size)
        for place, (model, made) in enumerate(attacked.items()):
            left = 1 + BETWEEN + place * (parts + BETWEEN)
            shown = panels_of(image, made.x_adv[row], bound)
            for column, (title, (pixels, signed)) in enumerate(shown.items()):
                _draw(axes, pixels, signed, bound, left + column, bottom)
                if not row:
                    axes.text(left + column + 0.5, height - head + 0.25 * text, title, ha="center", fontsize=size)
            colour, slant = (VERMILLION, "normal") if made.success[row] else (GREY, "italic")
            font = {"fontsize": size, "color": colour, "fontstyle": slant}
            axes.text(left + 0.5, under, plain_label(made.classes[row]), ha="center", **font)
            if not row:
                axes.text(left + parts / 2, height - 0.95 * text, model, ha="center", fontsize=8)
            moved = np.abs(made.x_adv[row].astype(np.float64) - image)
            records.append(
                {"row": row, "class": classes[row], "model": model, "answer": made.classes[row]}
                | {"success": bool(made.success[row]), "linf": moved.max(), "mean_absolute": moved.mean()}
            )
    axes.text(0.5, height - head + 0.25 * text, "natural", ha="center", fontsize=size)
    _scale(figure, bound, height * cell)
    return figure, pd.DataFrame.from_records(records)


@paper_style
def nothing_to_show(message: str) -> tuple[Figure, pd.DataFrame]:
    """A figure and a frame that only contain the reason why there are no images."""
    figure = new_figure(DOUBLE_COLUMN, 0.5)
    figure.text(0.5, 0.5, message, ha="center", va="center", color=GREY)
    return figure, pd.DataFrame({"note": [message]})


def _scale(figure: Figure, bound: float, height: float) -> None:
    """The symmetric colour scale, below the images."""
    axes = figure.add_axes((0.3, 2.7 * LABEL / height, 0.4, 0.45 * LABEL / height))
    bar = figure.colorbar(ScalarMappable(Normalize(-bound, bound), COLOURS), cax=axes, orientation="horizontal")
    bar.set_label(r"perturbation (pixel values in 0 … 1)", fontsize=7, labelpad=1)
    bar.set_ticks([-bound, 0, bound], labels=[f"−{bound:.3g}", "0", f"{bound:.3g}"])
