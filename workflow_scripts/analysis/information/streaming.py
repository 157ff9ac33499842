"""Information paths of a stream of inputs, of which one batch is in memory at a time."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

import numpy as np

from workflow_scripts.analysis.information.chance_correction import ChanceCorrectedPaths, chance_corrected_paths
from workflow_scripts.analysis.information.paths import InformationPaths


def stream_information_paths(
    batches: Iterable[tuple[Mapping, object]],
    buckets: int = 8,
    on_matrix: Callable[[str, int, np.ndarray], None] | None = None,
) -> ChanceCorrectedPaths:
    """Information paths of all inputs in `batches`, in their order, and what of them chance explains, in one pass.

    batches: (layer name → maps (B, n_k, H_k, W_k), source (B, n_s, H, W)) as in `mi_matrices`. on_matrix(name, start,
    matrix), if given, receives the matrices of each batch: name "<layer>/S" or "<layer>/T", position of the batch's
    first input, and S^(k) (B, n_k, n_s) or T^(k) (B, n_k, n_t), float64 in nats. ValueError without batches.

    Memory is that of one batch in `chance_corrected_paths`.
    """
    parts: list[ChanceCorrectedPaths] = []
    start = 0
    for maps, source in batches:

        def receive(name: str, matrix: np.ndarray, start: int = start) -> None:
            on_matrix(name, start, matrix)

        parts.append(chance_corrected_paths(maps, source, buckets, None if on_matrix is None else receive))
        start += len(source)
    if not parts:
        raise ValueError("there are no inputs to measure")
    return ChanceCorrectedPaths(
        _concatenated([part.plug_in for part in parts]), _concatenated([part.expected for part in parts])
    )


def _concatenated(parts: list[InformationPaths]) -> InformationPaths:
    return InformationPaths(
        parts[0].layers, np.concatenate([part.iip for part in parts]), np.concatenate([part.oip for part in parts])
    )
