"""Feature maps as bucket numbers and as bit-packed indicators (information_flow paper, section III-A).

The paper's bucket number ⌈B(v − v_min)/(v_max − v_min)⌉ takes the B + 1 values 0 … B. Bucket 0 holds the
exact minimum alone, which after a ReLU is the zeros. v_min and v_max are each map's own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np


@dataclass(frozen=True)
class PackedMaps:
    """Bucketed maps of one size, packed into bits: the C maps of the first image, of the second, and so on.

    words (N·C, G, W) uint64: a slot of W words per bucket of at least two positions, with one bit per position; used
    (N·C,) int64: the number of slots in use; weight (N·C,) int64: Σ c·log c over the bucket sizes c, in the fixed point
    of `count_table`.
    """

    words: np.ndarray
    used: np.ndarray
    weight: np.ndarray
    images: int
    channels: int
    positions: int

    def of_images(self, images: slice) -> PackedMaps:
        """The maps of a slice of the images."""
        first, last, _ = images.indices(self.images)
        maps = slice(first * self.channels, last * self.channels)
        packed = (self.words[maps], self.used[maps], self.weight[maps])
        return PackedMaps(*packed, last - first, self.channels, self.positions)


@lru_cache(maxsize=32)
def count_table(positions: int) -> tuple[np.ndarray, float]:
    """c·log c for c = 0 … positions as int64 fixed point, and the factor that turns a sum of them into nats.

    Sums of integers do not depend on their order, so that all devices and kernels give the same bits. The scale leaves
    room for twice positions·log(positions), the largest sum that occurs; an entry's rounding is below 1e-15 nats.
    """
    counts = np.arange(positions + 1, dtype=np.float64)
    exact = counts * np.log(np.maximum(counts, 1))
    shift = 61 - int(np.ceil(np.log2(max(exact[-1], 1.0))))
    table = np.rint(np.ldexp(exact, shift)).astype(np.int64)
    table.setflags(write=False)
    return table, float(np.ldexp(1.0 / positions, -shift))


def common_size(shape_a: tuple[int, ...], shape_b: tuple[int, ...]) -> tuple[int, int]:
    """The size (H, W) at which maps of two shapes are compared: the smaller height and the smaller width."""
    return min(shape_a[-2], shape_b[-2]), min(shape_a[-1], shape_b[-1])


def check_buckets(buckets: int) -> int:
    """`buckets` itself if it is a whole number from 1 to 65,535; ValueError otherwise."""
    if isinstance(buckets, bool) or not isinstance(buckets, (int, np.integer)) or not 1 <= buckets <= 65_535:
        raise ValueError(f"buckets must be a whole number from 1 to 65535, not {buckets!r}")
    return int(buckets)


def check_batch(maps, name: str) -> None:
    """Raise ValueError unless `maps` has the layout (N, C, H, W) with at least one map and one position."""
    if maps.ndim != 4:
        raise ValueError(f"{name} must have the layout (N, C, H, W), not shape {tuple(maps.shape)}")
    if 0 in tuple(maps.shape[1:]):
        raise ValueError(f"{name} has no maps or empty maps: shape {tuple(maps.shape)}")


def not_finite(name: str, image: int, channel: int) -> ValueError:
    """The error for a map that holds a NaN or an infinite value."""
    return ValueError(f"{name}: map {channel} of image {image} holds a NaN or an infinite value")


def too_wide(name: str, image: int, channel: int) -> ValueError:
    """The error for a map whose range times the number of buckets exceeds float64."""
    return ValueError(f"{name}: the range of map {channel} of image {image} is too wide to bucket in float64")


def _flat(maps: np.ndarray) -> np.ndarray:
    """(…, H, W) maps as contiguous (M, H, W) floats; float32 is kept, since the kernels compute in float64."""
    maps = np.asarray(maps)
    if maps.dtype.kind not in "fiub":
        raise ValueError(f"maps must be real numbers, not {maps.dtype}")
    dtype = np.float32 if maps.dtype.kind == "f" and maps.dtype.itemsize <= 4 else np.float64
    return np.ascontiguousarray(maps, dtype=dtype).reshape(-1, *maps.shape[-2:])


def _raise_first(status: np.ndarray, channels: int, name: str) -> None:
    from workflow_scripts.analysis.information import numba_kernels

    if status.any():
        first = int(np.flatnonzero(status)[0])
        error = not_finite if status[first] == numba_kernels.NOT_FINITE else too_wide
        raise error(name, first // channels, first % channels)


def _pooled(flat: np.ndarray, size: tuple[int, int], channels: int, name: str) -> np.ndarray:
    from workflow_scripts.analysis.information import numba_kernels

    if flat.shape[1:] == size:
        return flat
    pooled = np.empty((len(flat), *size), flat.dtype)
    status = np.zeros(len(flat), np.uint8)
    numba_kernels.max_pool(flat, pooled, status)
    _raise_first(status, channels, name)
    return pooled


def bucket_ids(maps: np.ndarray, buckets: int = 8) -> np.ndarray:
    """Bucket number ⌈B(v − v_min)/(v_max − v_min)⌉ of every value, by each map's own range (section III-A).

    maps: (…, H, W) real numbers. Returns int32 of the same shape with values 0 … buckets; a constant map
    is all 0. The formula is evaluated in float64 as written: product, quotient, ceiling. A NaN, an
    infinite value or a range beyond float64 is a ValueError that names the map.
    """
    from workflow_scripts.analysis.information import numba_kernels

    buckets = check_buckets(buckets)
    maps = np.asarray(maps)
    if maps.ndim < 2 or 0 in maps.shape[-2:]:
        raise ValueError(f"maps must have the layout (…, H, W), H and W at least 1, not shape {maps.shape}")
    flat = _flat(maps)
    flat = flat.reshape(len(flat), -1)
    labels = np.empty(flat.shape, np.int32)
    status = np.zeros(len(flat), np.uint8)
    numba_kernels.label_maps(flat, buckets, labels, status)
    _raise_first(status, maps.shape[-3] if maps.ndim > 2 else 1, "maps")
    return labels.reshape(maps.shape)


def pack_maps(maps: np.ndarray, size: tuple[int, int], buckets: int = 8, name: str = "maps") -> PackedMaps:
    """Max-pool (N, C, H, W) maps to `size`, bucket them and pack each bucket's indicator into bits.

    Adaptive max-pooling: where H/h and W/w are whole this is the ordinary pooling with windows of that
    size, elsewhere window i covers the rows ⌊iH/h⌋ … ⌈(i+1)H/h⌉ − 1. `name` is what an error calls the
    maps.
    """
    from workflow_scripts.analysis.information import numba_kernels

    check_batch(maps, name)
    buckets = check_buckets(buckets)
    images, channels = maps.shape[:2]
    flat = _pooled(_flat(maps), size, channels, name)
    positions = size[0] * size[1]
    # a kept bucket has at least two positions, so there are at most half as many as positions
    slots = max(1, min(buckets + 1, positions // 2))
    slots = -(-slots // numba_kernels.LANE) * numba_kernels.LANE
    words = np.zeros((len(flat), slots, -(-positions // 64)), np.uint64)
    used, weight = np.zeros(len(flat), np.int64), np.zeros(len(flat), np.int64)
    status = np.zeros(len(flat), np.uint8)
    table, _ = count_table(positions)
    numba_kernels.pack_maps(flat.reshape(len(flat), positions), buckets, table, words, used, weight, status)
    _raise_first(status, channels, name)
    return PackedMaps(words, used, weight, images, channels, positions)


def packed_information(a: PackedMaps, b: PackedMaps) -> np.ndarray:
    """Mutual information (N, A, B) in nats, float64, of all pairs of maps of each image, packed at one size."""
    from workflow_scripts.analysis.information import numba_kernels

    table, unit = count_table(a.positions)
    information = np.empty((a.images, a.channels, b.channels))
    pairs = numba_kernels.pair_information_small if a.positions <= 64 else numba_kernels.pair_information
    pairs(a.words, a.used, a.weight, b.words, b.used, b.weight, table, unit, information)
    return information
