"""8-bit pixels as floating-point numbers."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

import numpy as np

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T", np.ndarray, "Tensor")


def to_unit_range(images: T) -> T:
    """uint8 in 0 … 255 → float32 in [0, 1], an array or tensor of any shape; float32 images are returned as they are.

    NumPy and PyTorch divide alike on a processor. A GPU multiplies by the reciprocal, which may differ in the last bit.
    """
    if isinstance(images, np.ndarray):
        return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images
    return images if images.is_floating_point() else images.float().div_(255)
