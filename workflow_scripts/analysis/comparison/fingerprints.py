"""Fingerprints: one vector of 48 numbers for what an attack does in a model, from all analyses.

The numbers are means over images in five blocks: the shift of the input and of the output information path beyond
chance, the logarithm of the local responses' ratio to a control's, and the shift of saliency towards a depth, each at
ten relative depths, and the perturbation's energy in eight radial bands.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.comparison.depths import DEPTHS, at_relative_depths
from workflow_scripts.analysis.comparison.means import weighted_means

BANDS = 8
BLOCKS: Mapping[str, slice] = {
    "iip": slice(0, DEPTHS),
    "oip": slice(DEPTHS, 2 * DEPTHS),
    "responses": slice(2 * DEPTHS, 3 * DEPTHS),
    "saliency": slice(3 * DEPTHS, 4 * DEPTHS),
    "energy": slice(4 * DEPTHS, 4 * DEPTHS + BANDS),
}
"""Block → its numbers' places in a fingerprint."""
NUMBERS = 4 * DEPTHS + BANDS
SPLITS = 200


@dataclass(frozen=True)
class Measures:
    """What a fingerprint is made of, per image, in the layers of one model from input to output.

    iip, oip: (N, K), information paths beyond chance, attacked minus clean, nats. responses, control_responses: (N, L),
    response differences under the attack and under its control, None without a control. saliency, clean_saliency:
    (N, F), not negative, of the attacked and the clean images. energy: (N, 8), shares; NaN for an unchanged image.
    """

    iip: NDArray
    oip: NDArray
    responses: NDArray
    control_responses: NDArray | None
    saliency: NDArray
    clean_saliency: NDArray
    energy: NDArray

    def __len__(self) -> int:
        return len(self.iip)


def depth_shares(saliency: NDArray) -> NDArray:
    """The share (N, 10) of each relative depth in the saliency (N, F) of each image; NaN for one without any."""
    values = at_relative_depths(saliency)
    total = values.sum(-1, keepdims=True)
    return values / np.where(total > 0, total, np.nan)


def fingerprint(measures: Measures, weights: NDArray | None = None) -> NDArray:
    """The fingerprint (48,) of one attack in one model, or one per column of `weights`, (R, 48).

    weights: (N, R), how often each image counts; default: once. A block with a number that cannot be measured (no
    control, no changed image, no response at all) is missing: NaN throughout.
    """
    counts = np.ones((len(measures), 1)) if weights is None else np.asarray(weights, np.float64)
    saliency = depth_shares(measures.saliency) - depth_shares(measures.clean_saliency)
    blocks = {
        "iip": weighted_means(at_relative_depths(measures.iip), counts),
        "oip": weighted_means(at_relative_depths(measures.oip), counts),
        "responses": _log_ratios(measures, counts),
        "saliency": weighted_means(saliency, counts),
        "energy": weighted_means(measures.energy, counts),
    }
    result = np.full((counts.shape[1], NUMBERS), np.nan)
    for name, values in blocks.items():
        known = np.isfinite(values).all(1)
        result[known, BLOCKS[name]] = values[known]
    return result[0] if weights is None else result


def _log_ratios(measures: Measures, counts: NDArray) -> NDArray:
    """ln of the mean responses' ratio to the control's at each depth, (R, 10); NaN without a control."""
    if measures.control_responses is None:
        return np.full((counts.shape[1], DEPTHS), np.nan)
    attack = weighted_means(np.asarray(measures.responses, np.float64), counts)
    control = weighted_means(np.asarray(measures.control_responses, np.float64), counts)
    with np.errstate(invalid="ignore", divide="ignore"):
        return at_relative_depths(np.log(attack) - np.log(control))


def split_half_deviation(measures: Measures, splits: int = SPLITS, seed: int = 0) -> NDArray:
    """The standard deviation (48,) of each number over random halves of the images.

    √(mean of d² / 2) with the difference d between the two halves of each of the random `splits`. NaN where a number is
    missing in either half of every split. Raises ValueError with fewer than two images.
    """
    count = len(measures)
    if count < 2:
        raise ValueError(f"{count} images cannot be halved")
    rng, half = np.random.default_rng(seed), count // 2
    order = rng.permuted(np.tile(np.arange(count)[:, None], (1, splits)), axis=0)
    first, second = (order < half).astype(np.float64), ((order >= half) & (order < 2 * half)).astype(np.float64)
    squares = (fingerprint(measures, first) - fingerprint(measures, second)) ** 2
    known = np.isfinite(squares)
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.sqrt(np.where(known, squares, 0).sum(0) / known.sum(0) / 2)


def in_deviations(fingerprints: NDArray, deviations: NDArray) -> NDArray:
    """Fingerprints (P, 48) in units of their split-half deviations (P, 48).

    The unit of a number is the same for all: the root mean square of its known deviations. A number whose unit is zero
    or unknown does not vary, or cannot be measured, and is NaN for all.
    """
    known = np.isfinite(deviations)
    with np.errstate(invalid="ignore", divide="ignore"):
        unit = np.sqrt((np.where(known, deviations, 0) ** 2).sum(0) / known.sum(0))
    return fingerprints / np.where(unit > 0, unit, np.nan)


def fingerprint_distances(fingerprints: NDArray) -> NDArray:
    """Distances (P, P) between fingerprints (P, D): the root mean square difference of the numbers that both have.

    In units of split-half deviations, two fingerprints that differ by the choice of their images alone are about 1
    apart. NaN where two have no number in common.
    """
    known = np.isfinite(fingerprints)
    common = known.astype(np.float64) @ known.T
    filled = np.where(known, fingerprints, 0)
    differences = (filled[:, None] - filled[None]) * (known[:, None] & known[None])
    with np.errstate(invalid="ignore"):
        return np.sqrt((differences**2).sum(-1) / common)
