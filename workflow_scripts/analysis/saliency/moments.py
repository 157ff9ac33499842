"""Means and standard deviations over a stream of samples: Welford's update, for batches as by Chan et al. (1979).

`floored_deviation` keeps filters that hardly ever have a gradient from deciding a profile: dividing by a deviation near
zero would give one such filter more weight than all others of its layer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.saliency.profiles import layer_slices

SMALLEST_SHARE = 0.1
"""A filter's smallest deviation, as a share of the median over those filters of its layer that are not constant."""
CONSTANT = 1e-14
"""At or below this deviation a filter is constant."""


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
        """Unbiased standard deviations (F,); ValueError with fewer than two samples."""
        if self.count < 2:
            raise ValueError(f"a deviation needs two samples or more, not {self.count}")
        return np.sqrt(self.squares / (self.count - 1))


def floored_deviation(deviation: NDArray, counts: Sequence[int]) -> tuple[NDArray, NDArray]:
    """Deviations (F,) with each layer's smallest ones raised to SMALLEST_SHARE of its median, and which were raised.

    deviation: (F,) of each filter's saliency; counts: the layers' numbers of filters. The median is over the filters
    that are not constant; in a layer without any, all deviations are 1. Returns (F,) float64 and (F,) bool.
    """
    floor = np.empty(len(deviation))
    for layer in layer_slices(counts):
        varying = deviation[layer][deviation[layer] > CONSTANT]
        floor[layer] = SMALLEST_SHARE * np.median(varying) if len(varying) else 1.0
    return np.maximum(deviation, floor), deviation < floor
