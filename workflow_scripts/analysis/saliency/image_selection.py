"""Which images a saliency profile averages: clean images that the victim gets right, attacked ones it gets wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.models.classifier import Classifier


@dataclass(frozen=True)
class LabelledImages:
    """A batch of images: index (n,) positions in the split, x (n, C, H, W) float32 in [0, 1], label (n,)."""

    index: NDArray
    x: Tensor
    label: Tensor

    def __getitem__(self, rows: NDArray) -> LabelledImages:
        return LabelledImages(self.index[rows], self.x[rows], self.label[rows])


def shuffled_rank(count: int, seed: int) -> NDArray:
    """A random rank (count,) for each image of a split, by which all attacks take their images in the same order.

    Data sets are often sorted by class: without a shuffle the first images would all have the same label.
    """
    return np.random.default_rng(seed).permutation(count)


def clean_batches(images: NDArray, labels: NDArray, size: int, rows: NDArray | None = None) -> Iterator[LabelledImages]:
    """Batches of `size` images: those of `rows`, in this order, or all.

    images: uint8 (N, C, H, W), usually memory-mapped; labels: (N,).
    """
    rows = np.arange(len(labels)) if rows is None else rows
    for start in range(0, len(rows), size):
        here = rows[start : start + size]
        x = torch.from_numpy(to_unit_range(images[here]))
        yield LabelledImages(here, x, torch.from_numpy(labels[here]))


@torch.no_grad()
def filter_by_correctness(
    batches: Iterator[LabelledImages], victim: Classifier, device: str, *, right: bool
) -> Iterator[LabelledImages]:
    """The images of each batch that the victim gets right (or wrong), on the device; empty batches are left out."""
    for batch in batches:
        batch = LabelledImages(batch.index, batch.x.to(device), batch.label.to(device))
        rows = (victim(batch.x).argmax(1).eq(batch.label) == right).nonzero()[:, 0].cpu().numpy()
        if len(rows):
            yield batch[rows]
