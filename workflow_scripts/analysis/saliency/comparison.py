"""Do two attacks leave different saliency profiles? A paired permutation test of their mean profiles.

Two attacks on the same images give pairs of profiles. Under the null hypothesis that it does not matter which attack
was used, the two profiles of any pair can be swapped; the distance of the two mean profiles is compared with its
distribution under random swaps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Comparison:
    """Result of a paired permutation test.

    distance: L2 distance of the mean profiles divided by √F, in standard deviations of a filter's saliency; permuted:
    (P,) the same under random swaps; pairs: the number of pairs.
    """

    distance: float
    permuted: NDArray
    pairs: int

    @property
    def p_value(self) -> float:
        """Share of permutations with at least this distance, the observed one included (Phipson & Smyth 2010)."""
        return float((1 + np.count_nonzero(self.permuted >= self.distance)) / (1 + len(self.permuted)))

    @property
    def excess(self) -> tuple[float, float, float]:
        """distance / permuted − 1 for the permuted distances' mean, 97.5% quantile and 2.5% quantile."""
        low, high = np.quantile(self.permuted, (0.025, 0.975))
        return tuple(self.distance / max(at, np.finfo(float).tiny) - 1 for at in (self.permuted.mean(), high, low))


def paired_permutation_test(pairs: Iterable[tuple[NDArray, NDArray]], permutations: int, seed: int) -> Comparison:
    """Test whether paired profiles differ on average.

    pairs: batches ((n, F), (n, F)) of the first and the second attack's profiles; one is in memory at a time.
    permutations: the number of random swaps. Deterministic for a seed and a division into batches. ValueError without a
    pair.
    """
    generator = np.random.default_rng(seed)
    sums, count = None, 0
    for first, second in pairs:
        difference = np.asarray(first, dtype=np.float64) - second
        signs = generator.integers(0, 2, (len(difference), permutations)) * 2.0 - 1.0
        signs = np.concatenate([np.ones((len(difference), 1)), signs], axis=1)
        sums = signs.T @ difference if sums is None else sums + signs.T @ difference
        count += len(difference)
    if sums is None or not count:
        raise ValueError("there is no image with a profile of both attacks")
    distances = np.linalg.norm(sums / count, axis=1) / np.sqrt(sums.shape[1])
    return Comparison(float(distances[0]), distances[1:], count)
