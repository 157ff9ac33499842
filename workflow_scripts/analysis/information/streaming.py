"""Information paths of a stream of inputs, of which one batch is in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from workflow_scripts.analysis.information.mutual_information import to_numpy
from workflow_scripts.analysis.information.paths import InformationPaths, mi_matrices


def stream_information_paths(
    batches: Iterable[tuple[Mapping, object]],
    buckets: int = 8,
    on_matrix: Callable[[str, int, np.ndarray], None] | None = None,
) -> InformationPaths:
    """Information paths of all inputs in `batches`, in their order.

    batches: (layer name → maps (B, n_k, H_k, W_k), source (B, n_s, H, W)) as in `mi_matrices`. on_matrix(name, start,
    matrix), if given, receives the matrices of each batch: name "<layer>/S" or "<layer>/T", position of the batch's
    first input, and S^(k) (B, n_k, n_s) or T^(k) (B, n_k, n_t), float64 in nats. ValueError without batches.
    """
    iip: list[np.ndarray] = []
    oip: list[np.ndarray] = []
    layers: tuple[str, ...] = ()
    start = 0
    for maps, source in batches:
        layers = tuple(maps)
        means: dict[str, list[np.ndarray]] = {"S": [], "T": []}
        for information in mi_matrices(maps, source, buckets):
            for name, matrix in (("S", information.source_mi), ("T", information.target_mi)):
                values = to_numpy(matrix)
                if on_matrix is not None:
                    on_matrix(f"{information.layer}/{name}", start, values)
                means[name].append(values.mean(axis=(1, 2)))
        iip.append(np.stack(means["S"], axis=1))
        oip.append(np.stack(means["T"], axis=1))
        start += len(source)
    if not layers:
        raise ValueError("there are no inputs to measure")
    return InformationPaths(layers, np.concatenate(iip), np.concatenate(oip))
