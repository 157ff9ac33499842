"""Sprites: the views of many small images as one file."""

from __future__ import annotations

import io
from collections.abc import Sequence

import matplotlib
import numpy as np
from numpy.typing import NDArray
from PIL import Image

LARGEST_SIDE = 72
"""Pixels; larger images are reduced to it."""
LOSSLESS_SIDE = 48
"""Up to this side every pixel is kept; larger images lose a little, so that 1,000 pairs of noise stay below 30 MB."""
QUALITY = 85
"""Of WebP, for larger images."""
COLOURS = "magma"
"""Matplotlib's colour map of spectra and heat maps: black is the lowest value."""


def image_view(images: NDArray) -> NDArray:
    """Images (n, C, H, W) in [0, 1] as uint8 (n, H, W, 3); their mean if there are not 1 or 3 channels."""
    if images.shape[1] not in (1, 3):
        images = images.mean(axis=1, keepdims=True)
    pixels = (images * 255).round().clip(0, 255).astype(np.uint8).transpose(0, 2, 3, 1)
    return np.broadcast_to(pixels, (*pixels.shape[:3], 3))


def perturbation_view(perturbations: NDArray) -> tuple[NDArray, NDArray]:
    """Perturbations (n, C, H, W) as uint8 (n, H, W, 3), grey where they are zero, and the largest absolute value (n,).

    That value is black or white, so that every perturbation fills the range.
    """
    largest = np.abs(perturbations).max(axis=(1, 2, 3))
    scale = np.where(largest > 0, largest, 1)[:, None, None, None]
    return image_view(0.5 + perturbations / (2 * scale)), largest


def colour_view(values: NDArray) -> NDArray:
    """Values (n, H, W) as colours, uint8 (n, H, W, 3): from the lowest to the highest of each image."""
    low, high = values.min(axis=(1, 2), keepdims=True), values.max(axis=(1, 2), keepdims=True)
    share = (values - low) / np.where(high > low, high - low, 1)
    return (matplotlib.colormaps[COLOURS](share)[..., :3] * 255).round().astype(np.uint8)


def sprite(views: Sequence[NDArray]) -> tuple[bytes, int]:
    """One WebP file with a row per view and a column per image, and the side of its cells in pixels.

    views: uint8 (n, H, W, 3), all of the same shape, with H = W.
    """
    side = min(views[0].shape[1], LARGEST_SIDE)
    canvas = Image.new("RGB", (side * len(views[0]), side * len(views)))
    for row, view in enumerate(views):
        for column, pixels in enumerate(view):
            cell = Image.fromarray(np.ascontiguousarray(pixels))
            if cell.width != side:
                cell = cell.resize((side, side), Image.Resampling.BOX)
            canvas.paste(cell, (column * side, row * side))
    stream = io.BytesIO()
    canvas.save(stream, "WEBP", lossless=side <= LOSSLESS_SIDE, quality=QUALITY, method=4)
    return stream.getvalue(), side
