"""Means and standard deviations over a stream of samples: Welford's update, for batches as by Chan et al. (1979)."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

SMALLEST_DEVIATION = 1e-14
"""At or below this a filter counts as constant and its deviation is taken as 1."""


@dataclass
class Moments:
    """Count, mean (F,) and sum of squared deviations (F,) of the samples so far, in double precision."""

    count: int = 0
    mean: NDArray = field(default_factory=lambda: np.zeros(0))
    squares: NDArray = field(default_factory=lambda: np.zeros(0))

    def update(self, values: NDArray) -> None:
        """Add samples (N, F); their order and their grouping into calls matter only by rounding."""
        values = np.asarray(values, dtype=np.float64)
        if not len(values):
            return
        mean = values.mean(0)
        squares = ((values - mean) ** 2).sum(0)
        if not self.count:
            self.count, self.mean, self.squares = len(values), mean, squares
            return
        total = self.count + len(values)
        step = mean - self.mean
        self.squares = self.squares + squares + step**2 * (self.count * len(values) / total)
        self.mean = self.mean + step * (len(values) / total)
        self.count = total

    @property
    def deviation(self) -> NDArray:
        """Unbiased standard deviations (F,), 1 for constant filters; ValueError with fewer than two samples."""
        if self.count < 2:
            raise ValueError(f"a deviation needs two samples or more, not {self.count}")
        deviation = np.sqrt(self.squares / (self.count - 1))
        return np.where(deviation <= SMALLEST_DEVIATION, 1.0, deviation)
