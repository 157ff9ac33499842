"""The images of an adversarial set beside the images that they were made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.adversarial_sets import FILE, read_columns, read_images
from workflow_scripts.inputs.splits import select
from workflow_scripts.store.artifact import Artifact

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Pairs:
    """N pairs. images: uint8 (N, C, H, W); path: the set's file; columns: per-sample records by name, (N,) each."""

    images: NDArray
    path: Path
    columns: dict[str, NDArray]

    def __len__(self) -> int:
        return len(self.images)

    def natural(self, rows: slice | NDArray = slice(None)) -> NDArray:
        """Images as they are: float32 (n, C, H, W) in [0, 1]."""
        return self.images[rows].astype(np.float32) / 255

    def adversarial(self, rows: slice | NDArray = slice(None)) -> NDArray:
        """What the attack made of them, likewise; `rows` ascend."""
        return read_images(self.path, rows)

    def batches(self, size: int) -> Iterator[tuple[Tensor, Tensor]]:
        """Natural and adversarial images, `size` pairs at a time, read as they are needed."""
        import torch

        for start in range(0, len(self), size):
            rows = slice(start, start + size)
            yield torch.from_numpy(self.natural(rows)), torch.from_numpy(self.adversarial(rows))


def read_pairs(made: Artifact, dataset: Artifact, columns: tuple[str, ...] = ()) -> Pairs:
    """The pairs of an adversarial artifact; `dataset` is the one that it was made from.

    ValueError where the set's images are not those that its recipe chooses from `dataset`.
    """
    wanted, path = made.parameters["images"], made.file(FILE)
    chosen = select(dataset.file(wanted["split"]), wanted["count"], wanted["selection_seed"])
    found = read_columns(path, ("index", "label", "skipped", "success", *columns))
    if not (np.array_equal(found["index"], chosen.index) and np.array_equal(found["label"], chosen.labels)):
        raise ValueError(f"{made.path} was not made from {dataset.path}")
    return Pairs(chosen.images, path, found)
