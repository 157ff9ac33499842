"""The atlas's statistics of one model under one attack or control, each of weighted images and at relative depths.

Every function returns a statistic: weights (N, R) → (R, D). All are over the attacked images, unless it says otherwise.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.comparison.depths import at_relative_depths
from workflow_scripts.analysis.comparison.fingerprints import Measures, depth_shares
from workflow_scripts.analysis.comparison.means import weighted_means
from workflow_scripts.papers.atlas.pairs import ATTACK, CLEAN, Pair

Statistic = Callable[[NDArray], NDArray]
PATHS = ("iip", "oip")
ESTIMATORS = ("plug-in", "beyond chance")


def means(values: NDArray) -> Statistic:
    """The means of values (N, D) or (N,) over images, where they are finite."""
    columns = values[:, None] if values.ndim == 1 else values
    return lambda weights: weighted_means(columns, weights)


def path_shift(pair: Pair, path: str, perturbation: str, estimator: str) -> NDArray:
    """How far a perturbation moves the information path of each image, (N, K), nats; path: "iip" or "oip"."""
    moved, clean = (_path(pair, path, name, estimator) for name in (perturbation, CLEAN))
    return moved - clean


def _path(pair: Pair, path: str, name: str, estimator: str) -> NDArray:
    plug_in = pair.values(name, path).astype(np.float64)
    return plug_in if estimator == "plug-in" else plug_in - pair.values(name, f"{path}_expected")


def information_shift(pair: Pair, path: str, perturbation: str, estimator: str) -> Statistic:
    """The mean shift of an information path at the relative depths, nats."""
    return means(at_relative_depths(path_shift(pair, path, perturbation, estimator)))


def response_ratio(pair: Pair, control: str, measure: str) -> Statistic:
    """The mean response difference under the attack over that under a control, at the relative depths.

    Ratios are interpolated between layers on a logarithmic scale. measure: "maximum" or "total".
    """
    attack, other = (pair.values(name, measure) for name in (ATTACK, control))

    def statistic(weights: NDArray) -> NDArray:
        with np.errstate(invalid="ignore", divide="ignore"):
            logarithms = np.log(weighted_means(attack, weights)) - np.log(weighted_means(other, weights))
            return np.exp(at_relative_depths(logarithms))

    return statistic


def saliency_shift(pair: Pair, perturbation: str) -> Statistic:
    """The mean shift of each relative depth's share in the saliency, from the clean images'."""
    moved, clean = (depth_shares(pair.values(name, "salience")) for name in (perturbation, CLEAN))
    return means(moved - clean)


def band_shares(pair: Pair, perturbation: str) -> Statistic:
    """The mean share of the perturbation's energy in each radial band, over the images that were changed."""
    return means(pair.values(perturbation, "energy"))


def fingerprint_measures(pair: Pair, perturbation: str = ATTACK) -> Measures:
    """What the fingerprint of an attack, or of a control, is made of; responses beside the first control's.

    The responses of a control are not compared with anything, nor those of an attack without a control.
    """
    control = pair.controls[0] if pair.controls and perturbation == ATTACK else None
    return Measures(
        **{path: path_shift(pair, path, perturbation, "beyond chance") for path in PATHS},
        responses=pair.values(perturbation, "maximum"),
        control_responses=None if control is None else pair.values(control, "maximum"),
        saliency=pair.values(perturbation, "salience"),
        clean_saliency=pair.values(CLEAN, "salience"),
        energy=pair.values(perturbation, "energy"),
    )
