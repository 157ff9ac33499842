"""Which images a profile is made of: those that an attack turned from right to wrong, as the quantisation has them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.attacks.records import read_columns, read_images
from workflow_scripts.models.classifier import Classifier


@dataclass(frozen=True)
class Images:
    """Images of a batch: index (n,) positions in the split, x (n, C, H, W) float32 in [0, 1], label (n,)."""

    index: NDArray
    x: Tensor
    label: Tensor

    def __getitem__(self, rows: NDArray) -> Images:
        return Images(self.index[rows], self.x[rows], self.label[rows])


def clean_images(images: NDArray, labels: NDArray, size: int, most: int | None = None) -> Iterator[Images]:
    """uint8 images (N, C, H, W), usually memory-mapped, a batch of `size` at a time, `most` of them at most."""
    count = len(labels) if most is None else min(most, len(labels))
    for start in range(0, count, size):
        rows = np.arange(start, min(start + size, count))
        x = torch.from_numpy(images[rows].astype(np.float32) / 255)
        yield Images(rows, x, torch.from_numpy(labels[rows]))


def attacked_images(files: Sequence[Path], quantisation: str, size: int) -> Iterator[Images]:
    """What an attack changed, from its parts' files in order, after the quantisation, `size` images at a time."""
    for path in files:
        columns = read_columns(path, ("index", "label", "skipped"))
        changed = np.flatnonzero(~columns["skipped"])
        for start in range(0, len(changed), size):
            rows = changed[start : start + size]
            stored = quantise(torch.from_numpy(read_images(path, rows)), quantisation)
            x = stored.float().div(255) if stored.dtype == torch.uint8 else stored
            yield Images(columns["index"][rows], x, torch.from_numpy(columns["label"][rows]))


@torch.no_grad()
def judged(batches: Iterator[Images], victim: Classifier, device: str, *, right: bool) -> Iterator[Images]:
    """The images of each batch that the victim gets right, or wrong; on the device, empty batches left out."""
    for batch in batches:
        batch = Images(batch.index, batch.x.to(device), batch.label.to(device))
        rows = (victim(batch.x).argmax(1).eq(batch.label) == right).nonzero()[:, 0].cpu().numpy()
        if len(rows):
            yield batch[rows]
