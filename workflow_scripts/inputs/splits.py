"""The images and labels of a data set's artifact: a folder per split, with images.npy and labels.npy."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from workflow_scripts.data.selection import Selection, TooFewImages, select_images
from workflow_scripts.store.artifact import Artifact

if TYPE_CHECKING:
    from workflow_scripts.training.evaluation import LabelledTensors

SPLITS = ("train", "validation", "test")


def select(folder: Path, count: int, seed: int, start: int = 0, stop: int | None = None) -> Selection:
    """`count` images of a split's folder, drawn by `seed`; `start` and `stop` take a shard of them (`select_images`).

    Only the selected images are read. TooFewImages names the key to lower.
    """
    images, labels = read_split(folder, mapped=True)
    try:
        return select_images(images, labels, count, seed, start, stop)
    except TooFewImages as error:
        raise TooFewImages(f"{error}: lower {folder.name} in studies.attack_signatures.datasets") from error


def read_split(folder: Path, *, mapped: bool = False) -> tuple[np.ndarray, np.ndarray]:
    """Images (uint8 N, C, H, W), memory-mapped if asked, and labels (int64 N) of a split's folder."""
    return np.load(folder / "images.npy", mmap_mode="r" if mapped else None), np.load(folder / "labels.npy")


def load_split(dataset: Artifact, split: str, device: str) -> LabelledTensors:
    """All images and labels of one split, on the device."""
    import torch

    from workflow_scripts.training.evaluation import LabelledTensors

    images, labels = read_split(dataset.file(split))
    return LabelledTensors(torch.from_numpy(images).to(device), torch.from_numpy(labels).to(device))


def load_splits(dataset: Artifact, device: str) -> dict[str, LabelledTensors]:
    """Training, validation and test images by the split's name, on the device."""
    return {split: load_split(dataset, split, device) for split in SPLITS}
