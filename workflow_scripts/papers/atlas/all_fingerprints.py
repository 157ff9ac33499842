"""The fingerprints of every attack on every model, in units of their noise, and their resamples."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.comparison.fingerprints import (
    fingerprint,
    fingerprint_distances,
    in_deviations,
    split_half_deviation,
)
from workflow_scripts.papers.atlas.measures import fingerprint_measures
from workflow_scripts.papers.atlas.pairs import Pair


@dataclass(frozen=True)
class Fingerprints:
    """The fingerprints of P pairs.

    raw: (P, 48); deviations: (P, 48), their split-half deviations; without: pairs with too few attacked images, or of
    which no number could be measured.
    """

    pairs: Sequence[Pair]
    raw: NDArray
    deviations: NDArray
    without: Sequence[Pair]

    @cached_property
    def scaled(self) -> NDArray:
        """(P, 48) in units of the split-half deviations."""
        return in_deviations(self.raw, self.deviations)

    @cached_property
    def distances(self) -> NDArray:
        """The distances (P, P) between the pairs."""
        return fingerprint_distances(self.scaled)

    @property
    def names(self) -> list[tuple[str, str]]:
        """Model and attack of each pair."""
        return [(pair.model, pair.attack) for pair in self.pairs]

    def notes(self) -> list[str]:
        """A note on the pairs that have no fingerprint."""
        names = "; ".join(f"{pair.attack} on {pair.model}" for pair in self.without)
        return [f"No fingerprint, for too few images could be attacked: {names}."] if names else []

    def resampled_distances(self) -> NDArray:
        """The distances (R, P, P) in the bootstrap resamples of images that measure all of them, in the same units."""
        replicates = np.stack([fingerprint(fingerprint_measures(pair), pair.weights) for pair in self.pairs], axis=1)
        found = np.stack([fingerprint_distances(in_deviations(each, self.deviations)) for each in replicates])
        return found[np.isfinite(found).all((1, 2))]


def all_fingerprints(pairs: Sequence[Pair]) -> Fingerprints:
    """The fingerprints of the pairs of which enough images were attacked; ValueError where there is none."""
    measured = [pair for pair in pairs if pair.measured]
    if not measured:
        raise ValueError("no model classifies two of the images correctly: there is nothing to compare")
    measures = [fingerprint_measures(pair) for pair in measured]
    raw = np.stack([fingerprint(each) for each in measures])
    deviations = np.stack([split_half_deviation(each) for each in measures])
    known = np.isfinite(in_deviations(raw, deviations)).any(1)
    kept = [pair for pair, has_some in zip(measured, known, strict=True) if has_some]
    return Fingerprints(kept, raw[known], deviations[known], [pair for pair in pairs if pair not in kept])
