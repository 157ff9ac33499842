"""A user's own images: a folder with one folder per class."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from workflow_scripts.data.image_files import Decoder, to_array
from workflow_scripts.data.images import LabelledImages, Source


def load(files: list[Path], size: int | None = None) -> Source:
    """The image files of all class folders, in the order of their names; the folders' names are the classes.

    Everything else in these folders, and beside them, is named in the notes.
    """
    classes = sorted({path.parent.name for path in files})
    number = {name: index for index, name in enumerate(classes)}
    labels = np.array([number[path.parent.name] for path in files])
    notes = list(left_out(files))
    images = decode(files, size, notes)
    return Source(LabelledImages(images, labels), None, tuple(classes), notes=tuple(notes))


def left_out(files: list[Path]) -> Iterator[str]:
    """A line for each file and folder in the class folders' folder, and in each of them, that is not read."""
    known = set(files)
    root = files[0].parent.parent
    folders = {path.parent for path in files}
    for path in sorted(root.iterdir()):
        if path not in folders:
            yield f"{path} is left out: {'a hidden folder' if path.is_dir() else 'not in a class folder'}"
            continue
        for inner in sorted(path.iterdir()):
            if inner not in known:
                why = "a folder inside a class folder" if inner.is_dir() else "not an image, by its name"
                yield f"{inner} is left out: {why}"


def decode(files: list[Path], size: int | None, notes: list[str] | None = None) -> np.ndarray:
    """Image files → uint8 RGB (N, 3, size, size), resized where they differ; ValueError names an unreadable file.

    With `size` None all images must have one size. What had to be reinterpreted is added to `notes`, a line per kind.
    """
    decoder, decoded = Decoder(), []
    for path in files:
        decoded.append(to_array(decoder.read(path), size))
        if decoded[-1].shape != decoded[0].shape:
            height, width = decoded[-1].shape[1:]
            raise ValueError(f"{path} is {width} × {height}, unlike {files[0]}: set datasets.<name>.image_size")
    if notes is not None:
        notes += decoder.notes()
    return np.stack(decoded)
