"""A user's own images: a folder with one folder per class."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from workflow_scripts.data.images import LabelledImages, Source


def load(files: list[Path], size: int | None = None) -> Source:
    """The image files of all class folders, in the order of their names; the folders' names are the classes."""
    classes = sorted({path.parent.name for path in files})
    number = {name: index for index, name in enumerate(classes)}
    labels = np.array([number[path.parent.name] for path in files])
    return Source(LabelledImages(decode(files, size), labels), None, tuple(classes))


def decode(files: list[Path], size: int | None) -> np.ndarray:
    """Image files → uint8 RGB (N, 3, size, size), resized where they differ; ValueError names an unreadable file.

    With `size` None all images must have one size.
    """
    from PIL import Image

    decoded = []
    for path in files:
        try:
            with Image.open(path) as image:
                picture = image.convert("RGB")
        except (OSError, ValueError, SyntaxError, EOFError, Image.DecompressionBombError) as error:
            raise ValueError(f"{path} is not a readable image ({error}): replace or remove it") from error
        if size is not None and picture.size != (size, size):
            picture = picture.resize((size, size), Image.Resampling.BILINEAR)
        decoded.append(np.asarray(picture).transpose(2, 0, 1))
        if decoded[-1].shape != decoded[0].shape:
            raise ValueError(
                f"{path} is {picture.width} × {picture.height}, unlike {files[0]}: set datasets.<name>.image_size"
            )
    return np.stack(decoded)
