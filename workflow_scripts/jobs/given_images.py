"""Read adversarial images that another program made: an .npz file, or a folder of PNGs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from workflow_scripts.attacks.options import AttackError
from workflow_scripts.data.pixels import to_unit_range


def read_given_images(files: Sequence[Path]) -> dict[int, Tensor]:
    """Index → image (C, H, W) float32 in [0, 1]; 8-bit images are divided by 255.

    files: one .npz of `x_adv` (N, C, H, W), float or uint8, and `index` (N,), or the PNGs of a folder, named by their
    index. AttackError names the file and what cannot be used in it.
    """
    if files[0].suffix == ".npz":
        return _from_arrays(files[0])
    given: dict[int, Tensor] = {}
    for path in files:
        index = int(path.stem)
        if index in given:
            raise AttackError(f"{path}: another file has the index {index} too: remove one")
        given[index] = torch.from_numpy(to_unit_range(_pixels(path)))
    return given


def _from_arrays(path: Path) -> dict[int, Tensor]:
    with np.load(path, allow_pickle=False) as arrays:
        images, index = arrays["x_adv"], arrays["index"]
    if images.ndim != 4 or index.shape != (len(images),):
        raise AttackError(
            f"{path}: x_adv has the shape {images.shape} and index {index.shape}: they must be (N, C, H, W) and (N,)"
        )
    if not np.issubdtype(index.dtype, np.integer) or len(np.unique(index)) < len(index):
        raise AttackError(f"{path}: index must be whole numbers, each given once")
    if images.dtype != np.uint8:
        if not np.issubdtype(images.dtype, np.floating):
            raise AttackError(f"{path}: x_adv is {images.dtype}: give uint8, or floating point in [0, 1]")
        images = images.astype(np.float32)
        if not (np.isfinite(images).all() and ((images >= 0) & (images <= 1)).all()):
            raise AttackError(
                f"{path}: x_adv ranges over [{images.min():g}, {images.max():g}]: scale it to [0, 1], or give uint8"
            )
    tensors = torch.from_numpy(to_unit_range(images))
    return dict(zip(index.tolist(), tensors, strict=True))


def _pixels(path: Path) -> np.ndarray:
    """An 8-bit grey or RGB image (C, H, W), uint8; AttackError for any other."""
    with Image.open(path) as image:
        if image.mode not in ("L", "RGB"):
            raise AttackError(f"{path}: is a PNG of mode {image.mode}: save it as 8-bit grey (L) or RGB")
        pixels = np.asarray(image)
    return np.ascontiguousarray(pixels[None] if pixels.ndim == 2 else pixels.transpose(2, 0, 1))
