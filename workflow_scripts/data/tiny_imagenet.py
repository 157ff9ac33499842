"""Tiny ImageNet's layout: train/<class>/images/*.JPEG and val/images with val/val_annotations.txt."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from workflow_scripts.data.folder import decode
from workflow_scripts.data.images import LabelledImages, Source


def load(files: list[Path]) -> Source:
    """The training images and, as the test set, the validation images; 64 × 64 RGB (grey ones are repeated).

    The classes are those that have a folder below train/; validation images of others are left out.
    """
    root = _root(files)
    train = [path for path in files if path.relative_to(root).parts[0] == "train" and path.suffix == ".JPEG"]
    classes = sorted({path.relative_to(root).parts[1] for path in train})
    number = {name: index for index, name in enumerate(classes)}
    annotation = dict(
        line.split("\t")[:2] for line in (root / "val" / "val_annotations.txt").read_text().splitlines() if line
    )
    held_out = [
        path for path in files if path.parent == root / "val" / "images" and annotation.get(path.name) in number
    ]
    return Source(
        LabelledImages(decode(train, 64), np.array([number[p.relative_to(root).parts[1]] for p in train])),
        LabelledImages(decode(held_out, 64), np.array([number[annotation[p.name]] for p in held_out])),
        tuple(classes),
    )


def _root(files: list[Path]) -> Path:
    for path in files:
        if path.name == "val_annotations.txt":
            return path.parent.parent
    raise ValueError("val/val_annotations.txt is missing: this is not Tiny ImageNet's layout")
