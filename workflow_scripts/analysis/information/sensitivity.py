"""What the choices of the measurement change: the number of buckets, and the size to which maps are pooled."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from workflow_scripts.analysis.information.chance_correction import ChanceCorrectedPaths, chance_corrected_paths


def pooled_maps(maps, side: int):
    """Maps (N, C, H, W), a tensor, max-pooled to at most `side` rows and columns; themselves where not larger."""
    import torch

    size = min(maps.shape[-2], side), min(maps.shape[-1], side)
    return maps if size == tuple(maps.shape[-2:]) else torch.nn.functional.adaptive_max_pool2d(maps, size)


def paths_by_setting(
    layer_maps: Mapping, source, buckets: Sequence[int], sides: Sequence[int | None]
) -> list[list[ChanceCorrectedPaths]]:
    """Paths with their chance level for every number of buckets and every side, [bucket][side].

    layer_maps, source: tensors, as in `mi_matrices`. sides: to which all larger maps, and the source, are max-pooled;
    None leaves them as they are. Smaller maps have fewer positions, hence more is expected by chance.
    """
    results: list[list[ChanceCorrectedPaths]] = [[] for _ in buckets]
    for side in sides:
        if side is not None:
            pooled, pooled_source = {n: pooled_maps(m, side) for n, m in layer_maps.items()}, pooled_maps(source, side)
        else:
            pooled, pooled_source = layer_maps, source
        for index, count in enumerate(buckets):
            results[index].append(chance_corrected_paths(pooled, pooled_source, count))
    return results


def layer_means(settings: list[list[ChanceCorrectedPaths]]) -> dict[str, np.ndarray]:
    """Means over layers (N, B, S) in nats, by the paths' names in files, of the paths of B buckets and S sides."""
    by_setting = [[paths.arrays() for paths in of_sides] for of_sides in settings]
    names = by_setting[0][0]
    return {
        name: np.stack([[arrays[name].mean(1) for arrays in of_sides] for of_sides in by_setting]).transpose(2, 0, 1)
        for name in names
    }
