"""Orders and maps of things of which only the distances are known."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.cluster.hierarchy import linkage
from scipy.spatial.distance import squareform


def average_linkage(distances: NDArray) -> NDArray:
    """SciPy's linkage matrix (P − 1, 4) of hierarchical clustering by average distance, from distances (P, P).

    Leaves are ordered so that neighbours are as near as the tree allows (Bar-Joseph et al. 2001). Raises ValueError for
    fewer than two things.
    """
    if len(distances) < 2:
        raise ValueError("clustering needs two things or more")
    return linkage(squareform(distances, checks=False), method="average", optimal_ordering=True)


def classical_scaling(distances: NDArray, dimensions: int = 2) -> tuple[NDArray, NDArray]:
    """Coordinates (P, dimensions) whose distances resemble the given (P, P): classical multidimensional scaling.

    (Torgerson 1952.) Returns the coordinates, centred, by descending spread, and each axis's share (dimensions,) of the
    sum of the positive eigenvalues. An axis without a positive eigenvalue is zero. Of an axis's two directions, the
    one in which the point farthest from the centre is positive is taken, so that results are reproducible.
    """
    count = len(distances)
    values, vectors = np.linalg.eigh(centred(distances))
    positive = np.clip(values[::-1], 0, None)
    spread, axes = np.zeros(dimensions), np.zeros((count, dimensions))
    kept = min(dimensions, count)
    spread[:kept], axes[:, :kept] = positive[:kept], vectors[:, ::-1][:, :kept]
    axes *= np.where(axes[np.abs(axes).argmax(0), np.arange(dimensions)] < 0, -1.0, 1.0)
    total = positive.sum()
    return axes * np.sqrt(spread), spread / total if total > 0 else spread


def centred(distances: NDArray) -> NDArray:
    """Gower's centred matrices (…, P, P): −½ of the squared distances, with rows' and columns' means taken away."""
    inner = -0.5 * np.asarray(distances, np.float64) ** 2
    means = inner.mean(-1, keepdims=True)
    return inner - means - means.swapaxes(-1, -2) + means.mean(-2, keepdims=True)
