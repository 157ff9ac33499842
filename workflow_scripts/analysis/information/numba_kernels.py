"""Compiled loops of the mutual information: max-pooling, bucketing, bit-packing, counting and expectations.

All first-party code that is compiled together stands in this one file, because numba's cache looks at the
time stamp of the file of the outer function alone.
"""

from __future__ import annotations

import numpy as np
from numba import njit, prange, types
from numba.extending import intrinsic

FINE, NOT_FINITE, TOO_WIDE = 0, 1, 2
LANE = 8  # slots of a map's words come in multiples of this many; the unused ones are zero
NEGLIGIBLE = 1e-20  # probability, relative to the mode's, from which on a hypergeometric tail is left out


def _compiled(**options):
    """`njit` with numba's cache on disk, or without it where neither the package's nor the user's folder
    can be written.
    """

    def decorate(function):
        try:
            return njit(cache=True, nogil=True, **options)(function)
        except RuntimeError:
            return njit(nogil=True, **options)(function)

    return decorate


@intrinsic
def _popcount(typingctx, word):
    """Number of set bits of a uint64, as the processor's own instruction."""

    def generate(context, builder, signature, args):
        return builder.ctpop(args[0])

    return types.uint64(types.uint64), generate


@_compiled()
def _label_map(values, buckets, labels):
    """Write ⌈B(v − v_min)/(v_max − v_min)⌉ of one flat map into `labels`, in float64; returns a status."""
    low = high = np.float64(values[0])
    for p in range(values.size):
        v = np.float64(values[p])
        low = min(low, v)
        high = max(high, v)
    broken = 0
    for p in range(values.size):
        v = values[p]
        broken |= v - v != 0  # true of NaN and of both infinities
    if broken:
        return NOT_FINITE
    span = high - low
    if not np.isfinite(buckets * span):
        return TOO_WIDE
    if span == 0:
        labels[:] = 0
        return FINE
    for p in range(values.size):
        bucket = np.int32(np.ceil(buckets * (np.float64(values[p]) - low) / span))
        # B·span/span may round above B where B is no power of two; the maximum belongs to bucket B even so
        labels[p] = min(bucket, np.int32(buckets))
    return FINE


@_compiled(parallel=True)
def label_maps(maps, buckets, labels, status):
    """Bucket numbers of (M, P) maps into `labels` (M, P) int32."""
    for m in prange(maps.shape[0]):
        status[m] = _label_map(maps[m], buckets, labels[m])


@_compiled(parallel=True)
def pack_maps(maps, buckets, table, words, used, weight, status):
    """Bucket (M, P) maps and pack each bucket's indicator into bits.

    words (M, G, W) uint64 arrives zero and receives, in its first used[m] slots, the indicators of the
    buckets with two positions or more. A bucket of no or one position is left out: all of its joint
    counts are 0 or 1, and c·log c is zero for both. weight[m] is Σ c·log c over the buckets, in the
    table's fixed point.
    """
    count, positions = maps.shape
    blocks = words.shape[2]
    for m in prange(count):
        labels = np.empty(positions, np.int32)
        status[m] = _label_map(maps[m], buckets, labels)
        if status[m] == FINE:
            bits = np.zeros((buckets + 1, blocks), np.uint64)
            for block in range(blocks):
                first = 64 * block
                for p in range(first, min(first + 64, positions)):
                    bits[labels[p], block] |= np.uint64(1) << np.uint64(p - first)
            slot = 0
            total = np.int64(0)
            for bucket in range(buckets + 1):
                size = np.uint64(0)
                for block in range(blocks):
                    size += _popcount(bits[bucket, block])
                if size >= 2:
                    words[m, slot] = bits[bucket]
                    total += table[size]
                    slot += 1
            used[m] = slot
            weight[m] = total


@_compiled(parallel=True)
def max_pool(maps, pooled, status):
    """Adaptive max-pooling of (M, H, W) maps into `pooled` (M, h, w): windows ⌊iH/h⌋ … ⌈(i+1)H/h⌉ − 1."""
    count, height, width = maps.shape
    rows, columns = pooled.shape[1:]
    for m in prange(count):
        broken = 0
        for i in range(rows):
            top, bottom = i * height // rows, -(-(i + 1) * height // rows)
            for j in range(columns):
                left, right = j * width // columns, -(-(j + 1) * width // columns)
                best = maps[m, top, left]
                for y in range(top, bottom):
                    for x in range(left, right):
                        v = maps[m, y, x]
                        broken |= v - v != 0
                        best = max(best, v)
                pooled[m, i, j] = best
        status[m] = NOT_FINITE if broken else FINE


@_compiled(parallel=True)
def pair_information_small(words_a, used_a, weight_a, words_b, used_b, weight_b, table, unit, information):
    """`pair_information` of maps of at most 64 positions: one word a bucket, eight of b's in registers."""
    images, maps_a, maps_b = information.shape
    whole = table[table.size - 1]
    for a in prange(images * maps_a):
        n, i = a // maps_a, a % maps_a
        slots = used_a[a]
        for j in range(maps_b):
            b = n * maps_b + j
            total = whole - weight_a[a] - weight_b[b]
            b0, b1, b2, b3 = words_b[b, 0, 0], words_b[b, 1, 0], words_b[b, 2, 0], words_b[b, 3, 0]
            b4, b5, b6, b7 = words_b[b, 4, 0], words_b[b, 5, 0], words_b[b, 6, 0], words_b[b, 7, 0]
            for g in range(slots):
                word = words_a[a, g, 0]
                total += (
                    table[_popcount(word & b0)]
                    + table[_popcount(word & b1)]
                    + table[_popcount(word & b2)]
                    + table[_popcount(word & b3)]
                    + table[_popcount(word & b4)]
                    + table[_popcount(word & b5)]
                    + table[_popcount(word & b6)]
                    + table[_popcount(word & b7)]
                )
            for h in range(LANE, used_b[b]):
                other = words_b[b, h, 0]
                for g in range(slots):
                    total += table[_popcount(words_a[a, g, 0] & other)]
            # the table's rounding can leave −1e-15 where the maps are independent
            information[n, i, j] = max(total, 0) * unit


@_compiled(parallel=True)
def pair_information(words_a, used_a, weight_a, words_b, used_b, weight_b, table, unit, information):
    """Mutual information of all pairs of maps of each image into `information` (N, A, B), in nats.

    words (N·C, G, W), used and weight (N·C): as `pack_maps` leaves them, the images one after the other.
    I = (P log P + Σ c_ij log c_ij − Σ c_i log c_i − Σ c_j log c_j) / P. The four terms are integers in the
    table's fixed point, so the sum is the same in any order: exactly symmetric, exactly 0 for a constant map.
    """
    images, maps_a, maps_b = information.shape
    blocks = words_a.shape[2]
    whole = table[table.size - 1]
    for a in prange(images * maps_a):
        n, i = a // maps_a, a % maps_a
        for j in range(maps_b):
            b = n * maps_b + j
            total = whole - weight_a[a] - weight_b[b]
            for h in range(0, used_b[b], 4):
                for g in range(used_a[a]):
                    c0 = c1 = c2 = c3 = np.uint64(0)
                    for block in range(blocks):
                        word = words_a[a, g, block]
                        c0 += _popcount(word & words_b[b, h, block])
                        c1 += _popcount(word & words_b[b, h + 1, block])
                        c2 += _popcount(word & words_b[b, h + 2, block])
                        c3 += _popcount(word & words_b[b, h + 3, block])
                    total += table[c0] + table[c1] + table[c2] + table[c3]
            information[n, i, j] = max(total, 0) * unit


@_compiled()
def size_histograms(words, used, positions, maps_per_row, histograms):
    """Numbers of buckets of each size into `histograms` (R, P + 1), over `maps_per_row` maps after another per row.

    words (M, G, W), used (M,): as `pack_maps` leaves them, M = R · maps_per_row. What the kept buckets leave of a map's
    positions are buckets of one position. One thread: to start several takes longer than the work.
    """
    for r in range(histograms.shape[0]):
        for m in range(r * maps_per_row, (r + 1) * maps_per_row):
            left = positions
            for g in range(used[m]):
                size = np.int64(0)
                for block in range(words.shape[2]):
                    size += np.int64(_popcount(words[m, g, block]))
                histograms[r, size] += 1
                left -= size
            histograms[r, 1] += left


@_compiled()
def bilinear_forms(histograms_a, histograms_b, table, forms):
    """u_aᵀ T u_b of each row of histograms (R, P + 1) into `forms` (R,), of the sizes that occur alone; one thread."""
    sizes = np.empty(histograms_b.shape[1], np.int64)
    for r in range(forms.size):
        count = 0
        for size in range(histograms_b.shape[1]):
            if histograms_b[r, size] != 0:
                sizes[count] = size
                count += 1
        total = 0.0
        for a in range(histograms_a.shape[1]):
            if histograms_a[r, a] != 0:
                inner = 0.0
                for k in range(count):
                    inner += table[a, sizes[k]] * histograms_b[r, sizes[k]]
                total += inner * histograms_a[r, a]
        forms[r] = total


@_compiled()
def _expected_term(a, b, positions, logarithms):
    """E[(n/P) ln(P n/(a b))], n hypergeometric: the overlap of a and of b random positions of P."""
    if a == 0 or b == 0 or a == positions or b == positions:
        return 0.0  # no overlap, or one that is certain and tells nothing
    mode = (a + 1) * (b + 1) // (positions + 2)
    offset = logarithms[positions] - (logarithms[a] + logarithms[b])
    total, expected = 1.0, mode * (offset + logarithms[mode])
    # probabilities relative to the mode's, outwards until they are below any rounding, and normalised by their sum
    weight, n = 1.0, mode
    while n < min(a, b) and weight > NEGLIGIBLE:
        weight *= (a - n) * (b - n) / ((n + 1) * (positions - a - b + n + 1))
        n += 1
        total += weight
        expected += weight * n * (offset + logarithms[n])
    weight, n = 1.0, mode
    while n > max(0, a + b - positions) and weight > NEGLIGIBLE:
        weight *= n * (positions - a - b + n) / ((a - n + 1) * (b - n + 1))
        n -= 1
        total += weight
        expected += weight * n * (offset + logarithms[n])
    return expected / (total * positions)


@_compiled(parallel=True)
def expected_terms(sizes_a, sizes_b, positions, logarithms, terms):
    """`_expected_term` of all pairs of bucket sizes into `terms` (K, L); logarithms: ln n, n = 0 … P, 0 for n = 0."""
    for i in prange(sizes_a.size):
        for j in range(sizes_b.size):
            terms[i, j] = _expected_term(sizes_a[i], sizes_b[j], positions, logarithms)
