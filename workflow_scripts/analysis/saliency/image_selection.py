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
from workflow_scripts.inputs.adversarial_sets import read_columns, read_images
from workflow_scripts.models.classifier import Classifier


@dataclass(frozen=True)
class Images:
    """Images of a batch: index (n,) positions in the split, x (n, C, H, W) float32 in [0, 1], label (n,)."""

    index: NDArray
    x: Tensor
    label: Tensor

    def __getitem__(self, rows: NDArray) -> Images:
        return Images(self.index[rows], self.x[rows], self.label[rows])


def shuffled_rank(count: int, seed: int) -> NDArray:
    """The rank (count,) of each image of a split, by which all classes take their images: a shuffle.

    Files often hold their images class by class; the first ones would be of one class, and of another for every attack.
    """
    return np.random.default_rng(seed).permutation(count)


def clean_images(images: NDArray, labels: NDArray, size: int, rows: NDArray | None = None) -> Iterator[Images]:
    """uint8 images (N, C, H, W), usually memory-mapped: those of `rows` in their order, or all, `size` at a time."""
    rows = np.arange(len(labels)) if rows is None else rows
    for start in range(0, len(rows), size):
        here = rows[start : start + size]
        x = torch.from_numpy(images[here].astype(np.float32) / 255)
        yield Images(here, x, torch.from_numpy(labels[here]))


def attacked_images(
    files: Sequence[Path], quantisation: str, size: int, rank: NDArray | None = None
) -> Iterator[Images]:
    """What an attack changed, after the quantisation, `size` images at a time: in its parts' order, or by `rank`."""
    parts = [read_columns(path, ("index", "label", "skipped")) for path in files]
    index, label, skipped = (np.concatenate([part[key] for part in parts]) for key in ("index", "label", "skipped"))
    starts = np.cumsum([0, *(len(part["index"]) for part in parts)])
    rows = np.flatnonzero(~skipped)
    if rank is not None:
        rows = rows[np.argsort(rank[index[rows]])]
    for start in range(0, len(rows), size):
        here = rows[start : start + size]
        stored = quantise(torch.from_numpy(_read(files, starts, here)), quantisation)
        x = stored.float().div(255) if stored.dtype == torch.uint8 else stored
        yield Images(index[here], x, torch.from_numpy(label[here]))


def _read(files: Sequence[Path], starts: NDArray, rows: NDArray) -> NDArray:
    """Rows of the parts together, in any order; HDF5 reads them in ascending order."""
    ascending = np.sort(rows)
    read = [
        read_images(path, ascending[(ascending >= start) & (ascending < stop)] - start)
        for path, start, stop in zip(files, starts[:-1], starts[1:], strict=True)
        if ((ascending >= start) & (ascending < stop)).any()
    ]
    return np.concatenate(read)[np.searchsorted(ascending, rows)]


@torch.no_grad()
def filter_by_correctness(
    batches: Iterator[Images], victim: Classifier, device: str, *, right: bool
) -> Iterator[Images]:
    """The images of each batch that the victim gets right, or wrong; on the device, empty batches left out."""
    for batch in batches:
        batch = Images(batch.index, batch.x.to(device), batch.label.to(device))
        rows = (victim(batch.x).argmax(1).eq(batch.label) == right).nonzero()[:, 0].cpu().numpy()
        if len(rows):
            yield batch[rows]
