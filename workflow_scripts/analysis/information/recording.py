"""Information paths of a stream of inputs, written as they come."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from pathlib import Path

import h5py
import numpy as np

from workflow_scripts.analysis.information.paths import mi_matrices


def record_paths(
    batches: Iterable[tuple[Mapping, object]], total: int, buckets: int, matrices: Path | None = None
) -> dict[str, np.ndarray]:
    """The paths of `total` inputs: layers (K,), iip and oip (N, K) in nats.

    batches: (layer name → maps (B, C, H, W), source (B, C, H, W)), in the inputs' order; one batch is held at a time.
    matrices: an HDF5 file for S and T of every layer as well, (N, maps, channels) float32.
    """
    paths: dict[str, list] = defaultdict(list)
    layers: list[str] = []
    start = 0
    file = None if matrices is None else h5py.File(matrices, "w", libver="latest")
    try:
        for maps, source in batches:
            means: dict[str, list] = {"iip": [], "oip": []}
            layers = list(maps)
            for found in mi_matrices(maps, source, buckets):
                for key, path, matrix in (("S", "iip", found.source_mi), ("T", "oip", found.target_mi)):
                    values = matrix if isinstance(matrix, np.ndarray) else matrix.cpu().numpy()
                    if file is not None:
                        append(file, f"{found.layer}/{key}", start, total, values.astype(np.float32), len(source))
                    means[path].append(values.mean(axis=(1, 2)))
            for path, columns in means.items():
                paths[path].append(np.stack(columns, axis=1))
            start += len(source)
    finally:
        if file is not None:
            file.close()
    return {"layers": np.array(layers), **{path: np.concatenate(parts) for path, parts in paths.items()}}


def append(file: h5py.File, name: str, start: int, total: int, values: np.ndarray, chunk: int) -> None:
    """Write rows start … of the matrix set `name` (N, n, m), with a checksum on every chunk."""
    if name not in file:
        chunks = (min(chunk, total), *values.shape[1:])
        file.create_dataset(name, (total, *values.shape[1:]), values.dtype, chunks=chunks, fletcher32=True)
    file[name][start : start + len(values)] = values
