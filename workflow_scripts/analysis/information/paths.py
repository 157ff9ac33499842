"""Information paths of inputs through a network (information_flow paper, sections III-A and III-B).

The source maps are the input's channels, the target maps those of the last conv layer. S^(k) and T^(k)
are the mutual information of the k-th layer's maps with the source maps and with the target maps, in
nats.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from workflow_scripts.analysis.information.buckets import common_size
from workflow_scripts.analysis.information.mutual_information import measure_for

_DRAWS_AT_A_TIME = 2**22  # bootstrap weights held in memory


@dataclass(frozen=True)
class LayerInformation:
    """The source MI matrix S^(k) (N, n_k, n_s) and the target MI matrix T^(k) (N, n_k, n_t) of one layer,
    in nats.

    Arrays for arrays and CPU tensors, tensors on the maps' device for tensors on an accelerator.
    """

    layer: str
    source_mi: np.ndarray
    target_mi: np.ndarray


@dataclass(frozen=True)
class PreparedLayer:
    """A layer's bucketed maps beside the source maps and the target maps, each pair at one size.

    compare(*with_source) and compare(*with_target) are S^(k) and T^(k).
    """

    layer: str
    compare: Callable
    with_source: tuple
    with_target: tuple


@dataclass(frozen=True)
class InformationPaths:
    """Information paths of N inputs through K layers, in nats, float64.

    iip (N, K): input information path, the mean of S^(k); oip (N, K): output information path, the mean
    of T^(k).
    """

    layers: tuple[str, ...]
    iip: np.ndarray
    oip: np.ndarray

    @property
    def ioc(self) -> np.ndarray:
        """Input-output contrast (N, K, 2): the pairs (mean of S^(k), mean of T^(k))."""
        return np.stack([self.iip, self.oip], axis=-1)


@dataclass(frozen=True)
class DistanceInterval:
    """Distance of two groups' mean paths and its bootstrap interval, in nats."""

    distance: float
    lower: float
    upper: float
    level: float


def _check_layers(layer_maps: Mapping, source) -> None:
    if not layer_maps:
        raise ValueError("layer_maps is empty: at least one layer is needed, the last is the target")
    named = {f"layer {layer!r}": maps for layer, maps in layer_maps.items()}
    for name, maps in (("source", source), *named.items()):
        if maps.ndim != 4:
            raise ValueError(f"{name} must have the layout (N, C, H, W), not shape {tuple(maps.shape)}")
        if len(maps) != len(source):
            raise ValueError(f"{name} holds {len(maps)} images and the source {len(source)}")


def _once_per_size(prepare: Callable, maps, buckets: int, name: str) -> Callable:
    """A function size → `maps` prepared at that size, which prepares each size once."""
    prepared = {}

    def at(size):
        if size not in prepared:
            prepared[size] = prepare(maps, size, buckets, name)
        return prepared[size]

    return at


def prepared_layers(layer_maps: Mapping, source, buckets: int = 8) -> Iterator[PreparedLayer]:
    """Every layer's maps, ready to be compared with the source maps and with the target maps.

    Arguments and errors as in `mi_matrices`. Each map is bucketed once for each size at which it is compared.
    """
    _check_layers(layer_maps, source)
    layers = list(layer_maps)
    target = layer_maps[layers[-1]]
    prepare, compare = measure_for(source, *layer_maps.values())
    source_at = _once_per_size(prepare, source, buckets, "source")
    target_at = _once_per_size(prepare, target, buckets, f"layer {layers[-1]!r}")
    for layer in layers:
        maps = layer_maps[layer]
        maps_at = target_at if maps is target else _once_per_size(prepare, maps, buckets, f"layer {layer!r}")
        source_size = common_size(maps.shape, source.shape)
        target_size = common_size(maps.shape, target.shape)
        yield PreparedLayer(
            layer,
            compare,
            with_source=(maps_at(source_size), source_at(source_size)),
            with_target=(maps_at(target_size), target_at(target_size)),
        )


def mi_matrices(layer_maps: Mapping, source, buckets: int = 8) -> Iterator[LayerInformation]:
    """Source and target MI matrices, layer by layer (section III-A).

    layer_maps: layer name → (N, n_k, H_k, W_k), in the order of the network; the last is the target. source: the
    input's channels (N, n_s, H, W). NumPy arrays or torch tensors. Yields one `LayerInformation` per layer, so that one
    layer's matrices are in memory at a time; a caller with many images passes them batch by batch.

    Where sizes differ the larger maps are max-pooled, as in `mutual_information`. ValueError as there, and for no
    layers or for different numbers of images.
    """
    for layer in prepared_layers(layer_maps, source, buckets):
        yield LayerInformation(layer.layer, layer.compare(*layer.with_source), layer.compare(*layer.with_target))


def mean_of_pairs(matrices) -> np.ndarray:
    """Mean (N,) over all pairs of maps of matrices (N, A, B), an array or a tensor on any device."""
    means = matrices.mean((1, 2))
    return means if isinstance(means, np.ndarray) else means.cpu().numpy()


def information_paths(layer_maps: Mapping, source, buckets: int = 8) -> InformationPaths:
    """Input and output information paths of each input (section III-B); arguments and errors as in
    `mi_matrices`.
    """
    iip, oip = [], []
    for matrices in mi_matrices(layer_maps, source, buckets):
        iip.append(mean_of_pairs(matrices.source_mi))
        oip.append(mean_of_pairs(matrices.target_mi))
    return InformationPaths(tuple(layer_maps), np.stack(iip, axis=1), np.stack(oip, axis=1))


def path_distance(p, q) -> np.ndarray:
    """Distance of two information paths: (1/K) Σ_k |p_k − q_k|, in nats (section III-B).

    p, q: (…, K); leading axes broadcast. Returns float64 of the leading axes' shape. ValueError where K
    differs.
    """
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    if not p.ndim or not q.ndim or p.shape[-1] != q.shape[-1] or not p.shape[-1]:
        raise ValueError(f"paths must run through the same layers: shapes {p.shape} and {q.shape}")
    return np.abs(p - q).mean(axis=-1)


def _bootstrap_means(paths: np.ndarray, resamples: int, rng: np.random.Generator) -> np.ndarray:
    """Means (resamples, K) of paths (N, K) drawn with replacement: multinomial counts times the paths."""
    count = len(paths)
    shares = np.full(count, 1 / count)
    means = np.empty((resamples, paths.shape[1]))
    step = max(1, _DRAWS_AT_A_TIME // count)
    for first in range(0, resamples, step):
        draws = rng.multinomial(count, shares, size=min(step, resamples - first))
        means[first : first + step] = draws @ paths / count
    return means


def bootstrap_distance(p, q, resamples: int = 2000, seed: int = 0, level: float = 0.95) -> DistanceInterval:
    """Percentile bootstrap interval of the distance of two groups' mean paths.

    p (N, K), q (M, K): the paths of two independent groups of inputs, in nats; each group is resampled by
    itself, whole paths at a time. Deterministic for a seed. A distance is never negative, so the interval
    of two equal groups lies above zero: read it as the distance's size, not as a test of no difference.

    ValueError: no paths, different layers, a NaN or infinite value, resamples < 1, level outside (0, 1).
    """
    p, q = np.asarray(p, dtype=np.float64), np.asarray(q, dtype=np.float64)
    for name, paths in (("p", p), ("q", q)):
        if paths.ndim != 2 or not len(paths):
            raise ValueError(f"{name} must hold paths in the layout (N, K), not shape {paths.shape}")
        if not np.isfinite(paths).all():
            raise ValueError(f"{name} holds a NaN or an infinite value")
    if resamples < 1 or not 0 < level < 1:
        raise ValueError(f"resamples must be ≥ 1 and level between 0 and 1, not {resamples} and {level}")
    distance = path_distance(p.mean(axis=0), q.mean(axis=0))
    rng_p, rng_q = (np.random.default_rng(child) for child in np.random.SeedSequence(seed).spawn(2))
    replicates = path_distance(_bootstrap_means(p, resamples, rng_p), _bootstrap_means(q, resamples, rng_q))
    lower, upper = np.quantile(replicates, [(1 - level) / 2, (1 + level) / 2])
    return DistanceInterval(float(distance), float(lower), float(upper), level)
