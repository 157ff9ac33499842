"""Do two attacks leave different saliency profiles? A measure without any classifier.

Two attacks on the same images give pairs of profiles. If it made no difference which attack struck, swapping the two
profiles of any pair would change nothing; so the distance between the two mean profiles is set against its
distribution under random swaps.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Comparison:
    """distance: L2 distance of the mean profiles over the square root of the number of filters (in deviations of
    a filter's saliency); permuted: (P,) the same under random swaps; pairs: how many images both attacks turned.
    """

    distance: float
    permuted: NDArray
    pairs: int

    @property
    def p_value(self) -> float:
        """Share of swaps with at least this distance, the true assignment among them (Phipson & Smyth 2010)."""
        return float((1 + np.count_nonzero(self.permuted >= self.distance)) / (1 + len(self.permuted)))

    @property
    def excess(self) -> tuple[float, float, float]:
        """distance / permuted distance − 1: for the mean of the permuted, and for their upper and lower 97.5%."""
        low, high = np.quantile(self.permuted, (0.025, 0.975))
        return tuple(self.distance / max(at, np.finfo(float).tiny) - 1 for at in (self.permuted.mean(), high, low))


def paired_permutation_test(pairs: Iterable[tuple[NDArray, NDArray]], permutations: int, seed: int) -> Comparison:
    """Compare paired profiles, given in batches ((n, F), (n, F)) so that they need not be in memory together.

    Raises ValueError where there is no pair.
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
        raise ValueError("there is no image that both attacks turned")
    distances = np.linalg.norm(sums / count, axis=1) / np.sqrt(sums.shape[1])
    return Comparison(float(distances[0]), distances[1:], count)
