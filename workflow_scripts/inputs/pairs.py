"""The images of an adversarial set beside the images that they were made from."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE, read_grouping_columns, read_images
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.splits import select
from workflow_scripts.store.artifact import Artifact

if TYPE_CHECKING:
    from torch import Tensor


@dataclass(frozen=True)
class Pairs:
    """N pairs of a natural and an adversarial image.

    images: the natural ones, uint8 (N, C, H, W); path: the adversarial set's file; columns: its per-sample columns by
    name, (N,) each.
    """

    images: NDArray
    path: Path
    columns: dict[str, NDArray]

    def __len__(self) -> int:
        return len(self.images)

    def natural(self, rows: slice | NDArray = slice(None)) -> NDArray:
        """Natural images (n, C, H, W), float32 in [0, 1]."""
        return to_unit_range(self.images[rows])

    def adversarial(self, rows: slice | NDArray = slice(None)) -> NDArray:
        """Adversarial images (n, C, H, W), float32 in [0, 1]; an array of `rows` must be ascending."""
        return read_images(self.path, rows)

    def tensors(self, rows: slice | NDArray = slice(None)) -> tuple[Tensor, Tensor]:
        """Natural and adversarial images as tensors."""
        import torch

        return torch.from_numpy(self.natural(rows)), torch.from_numpy(self.adversarial(rows))


def load_pairs(inputs: Inputs, role: str = "images") -> Pairs:
    """The pairs of the adversarial set that plays `role`; the input `dataset` is what it was made from."""
    return read_pairs(inputs.one(name=role), inputs.one(name="dataset"))


def read_pairs(made: Artifact, dataset: Artifact, columns: tuple[str, ...] = ()) -> Pairs:
    """The pairs of an adversarial artifact that was made from `dataset`, with more `columns` where they are named.

    ValueError where the set's images are not those that its recipe selects from `dataset`.
    """
    wanted, path = made.parameters["images"], made.file(FILE)
    chosen = select(dataset.file(wanted["split"]), wanted["count"], wanted["selection_seed"])
    found = read_grouping_columns(path, ("index", "label", "skipped", "predicted_before", "success", *columns))
    if not (np.array_equal(found["index"], chosen.index) and np.array_equal(found["label"], chosen.labels)):
        raise ValueError(f"{made.path} was not made from {dataset.path}")
    return Pairs(chosen.images, path, found)
