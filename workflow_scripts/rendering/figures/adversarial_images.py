"""Adversarial images by several attacks below their originals (information_flow, Figure 1)."""

from __future__ import annotations

import hashlib
import textwrap
from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from numpy.typing import NDArray

from workflow_scripts.rendering.figure_style import (
    DOUBLE_COLUMN,
    GREY,
    SINGLE_COLUMN,
    VERMILLION,
    new_figure,
    paper_style,
    plain_label,
)

CELL_LIMIT = 0.62  # inches, an image's width
LETTER = 0.058  # inches, a letter's width at 7 points
GAP = 0.06  # of a cell, between two images
LINE = 0.125  # inches, for a class name under an image


def _checked(images: NDArray, what: str, shape: tuple[int, ...] | None = None) -> NDArray:
    if images.ndim != 4 or images.shape[1] not in (1, 3) or 0 in images.shape:
        raise ValueError(f"{what} has shape {images.shape}, and should be (N, 1 or 3, H, W)")
    if shape is not None and images.shape != shape:
        raise ValueError(f"{what} has shape {images.shape}, and the originals {shape}")
    # The tolerance of 1e-6 is for rounding; NaN fails the comparison, as it should.
    if not (images.min() >= -1e-6 and images.max() <= 1 + 1e-6):
        raise ValueError(f"{what} spans [{images.min():.4g}, {images.max():.4g}], and should lie in [0, 1]")
    return images


def _draw_row(axes: Axes, row: float, images: NDArray, text_height: float) -> None:
    """Images side by side, above ordinate `row`; the lowest `text_height` of each cell is left for class names."""
    for column, image in enumerate(images):
        left, bottom = column + GAP / 2, row + text_height + GAP / 2
        pixels = np.clip(np.moveaxis(image, 0, -1), 0, 1)
        axes.imshow(
            pixels[..., 0] if pixels.shape[-1] == 1 else pixels,
            extent=(left, left + 1 - GAP, bottom, bottom + 1 - GAP),
            cmap="gray",
            vmin=0,
            vmax=1,
            interpolation="none",  # The PDF then contains the image's own pixels.
            aspect="auto",
        )


def _panel(figure: Figure, left: float, width: float, columns: int, height: float) -> Axes:
    axes = figure.add_axes((left, 0, width, 1))
    axes.set_axis_off()
    axes.set(xlim=(0, columns), ylim=(0, height), autoscale_on=False)
    return axes


def _distances(difference: NDArray) -> dict[str, float]:
    flat = difference.astype(np.float64).ravel()
    return {
        "l0": float(np.count_nonzero(flat)),
        "l2": float(np.sqrt(np.sum(flat**2))),
        "linf": float(np.max(np.abs(flat))),
    }


@paper_style
def adversarial_images(
    originals: NDArray,
    adversarial: Mapping[str, NDArray],
    original_classes: Sequence[str],
    adversarial_classes: Mapping[str, Sequence[str]],
    amplification: float | None = None,
) -> tuple[Figure, pd.DataFrame]:
    """Originals in the first row, one row per attack below, with the predicted class under each image.

    originals: (N, C, H, W) float in [0, 1], C 1 or 3; up to about ten are legible.
    adversarial: by attack, the adversarial versions of the same N images in the same order.
    original_classes, adversarial_classes: N names each, the predicted classes. A prediction that the attack
        changed is printed in colour, an unchanged one in grey italics.
    amplification: where given, a second panel shows 0.5 + amplification · (adversarial − original), clipped
        to [0, 1].
    Returns the figure and a frame with one row per image: row, column, class, changed, the SHA-256 of the image's
    float32 bytes, and L0 (changed values), L2, L∞ of its difference from the original, in units of [0, 1].
    Raises ValueError for shapes or counts that differ and for values outside [0, 1].
    """
    _checked(originals, "originals")
    count = len(originals)
    for name, images in adversarial.items():
        _checked(images, f"adversarial[{name!r}]", originals.shape)
    for name, classes in {"the originals": original_classes, **adversarial_classes}.items():
        if len(classes) != count:
            raise ValueError(f"{name}: {len(classes)} classes for {count} images")
    rows = [("original", originals, original_classes)]
    rows += [(name, images, adversarial_classes[name]) for name, images in adversarial.items()]

    panels = 1 if amplification is None else 2
    width = SINGLE_COLUMN if panels * count <= 5 else DOUBLE_COLUMN
    between = 0.15 if panels == 2 else 0.0
    margin = 0.1 + LETTER * max(len(plain_label(name)) for name, _, _ in rows)
    cell = min(CELL_LIMIT, (width - margin - between) / (panels * count))
    width = margin + between + panels * count * cell
    text_height = LINE / cell
    height = len(rows) * (1 + text_height)
    # Letters are about 0.6 of their size wide; names must not overlap.
    longest = max(len(name) for _, _, classes in rows for name in classes)
    size = float(np.clip(72 * cell / (0.62 * max(longest, 1)), 3.5, 6.5))

    figure = new_figure(width, height * cell)
    figure.set_layout_engine("none")  # All positions are computed here.
    share = count * cell / width
    left = _panel(figure, margin / width, share, count, height)
    right = None
    if amplification is not None:
        right = _panel(figure, 1 - share, share, count, height)
        # The originals have no perturbation: their row has the legend.
        legend = f"adversarial − original, × {amplification:g} (mid-grey: unchanged)"
        legend = textwrap.fill(legend, max(int(0.8 * count * cell / LETTER), 1), break_long_words=False)
        right.text(count / 2, height - 0.5, legend, ha="center", va="center", fontsize=7, linespacing=1.4)
    records = []
    for index, (name, images, classes) in enumerate(rows):
        bottom = height - (index + 1) * (1 + text_height)
        _draw_row(left, bottom, images, text_height)
        middle = bottom + text_height + 0.5
        left.text(-0.08, middle, plain_label(name), ha="right", va="center", fontsize=7)
        if right is not None and index:
            _draw_row(right, bottom, 0.5 + amplification * (images - originals), text_height)
        for column in range(count):
            changed = bool(index) and classes[column] != original_classes[column]
            left.text(
                column + 0.5,
                bottom + text_height - size * 0.95 / 72 / cell,
                plain_label(str(classes[column])),
                ha="center",
                va="baseline",
                fontsize=size,
                color="black" if not index else VERMILLION if changed else GREY,
                fontstyle="italic" if index and not changed else "normal",
            )
            pixels = np.ascontiguousarray(images[column], dtype="<f4").tobytes()
            records.append(
                {
                    "row": name,
                    "column": column,
                    "class": str(classes[column]),
                    "changed": changed,
                    "sha256": hashlib.sha256(pixels).hexdigest(),
                    **_distances(images[column].astype(np.float64) - originals[column]),
                }
            )
    return figure, pd.DataFrame.from_records(records)
