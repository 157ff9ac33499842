"""The images of an adversarial set that its attack changed, as a saliency analysis takes them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from workflow_scripts.analysis.saliency.image_selection import LabelledImages
from workflow_scripts.inputs.sharded_images import ShardedImages, read_shard_columns


def attacked_batches(
    files: Sequence[Path], quantisation: str, size: int, rank: NDArray | None = None
) -> Iterator[LabelledImages]:
    """The images that an attack changed, after the quantisation, `size` at a time.

    files: the set's shards in order. rank: (images of the split,) the order in which images are taken, by their
    position in the split; without it they come in the shards' order.
    """
    columns = read_shard_columns(files, ("index", "label", "skipped"))
    rows = np.flatnonzero(~columns["skipped"])
    if rank is not None:
        rows = rows[np.argsort(rank[columns["index"][rows]])]
    images = ShardedImages(files, quantisation)
    try:
        for start in range(0, len(rows), size):
            here = rows[start : start + size]
            x, label = torch.from_numpy(images[here]), torch.from_numpy(columns["label"][here])
            yield LabelledImages(columns["index"][here], x, label)
    finally:
        images.close()


def attacked_images_of(files: Sequence[Path], index: NDArray, quantisation: str) -> NDArray:
    """The quantised attacked images (n, C, H, W), float32 in [0, 1], at the positions `index` of the split, ascending.

    Positions that the set does not hold are left out.
    """
    images = ShardedImages(files, quantisation)
    try:
        return images[np.flatnonzero(np.isin(read_shard_columns(files, ("index",))["index"], index))]
    finally:
        images.close()
