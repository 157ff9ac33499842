"""Statistics of the claims about amplitude spectra (Figure 2); an effect is positive where it supports the claim.

A radius is given as a share of the images' Nyquist frequency, half their side, and rounded to whole cycles.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, not_measured
from workflow_scripts.papers.local_properties.image_bootstraps import mean_over_images
from workflow_scripts.recipes.exact_numbers import to_float


def amplitude_surplus(inputs: Inputs, model: str, radius: str, weighting: str) -> Evidence:
    """By how much adversarial images exceed natural ones in the frequencies above `radius`, in ln of the amplitude.

    weighting: "coefficients" for the mean of ln |adversarial| − ln |natural| over the frequencies, each counting once;
    "energy" for half of ln of the ratio of their summed energies |F|², to which strong frequencies contribute most.
    """
    spectra = _read_spectra(inputs, model)
    return mean_over_images([(spectra.index, spectra.surplus(_ring(inputs, radius), None, weighting))])


def amplitude_surplus_is_high(inputs: Inputs, model: str, radius: str, weighting: str) -> Evidence:
    """The surplus of `amplitude_surplus` above `radius` minus that below it, without frequency zero."""
    spectra, ring = _read_spectra(inputs, model), _ring(inputs, radius)
    values = spectra.surplus(ring, None, weighting) - spectra.surplus(1, ring, weighting)
    return mean_over_images([(spectra.index, values)])


def amplitude_surplus_differs(inputs: Inputs, radius: str, weighting: str) -> Evidence:
    """The surplus above `radius` of the standard minus of the robust model's examples, over the images of both."""
    standard, robust = _read_spectra(inputs, "standard"), _read_spectra(inputs, "robust")
    common, mine, theirs = np.intersect1d(standard.index, robust.index, return_indices=True)
    if len(common) < 2:
        return not_measured("the two models' attacks have fewer than two images in common")
    ring = _ring(inputs, radius)
    values = standard.surplus(ring, None, weighting)[mine] - robust.surplus(ring, None, weighting)[theirs]
    return mean_over_images([(common, values)])


def radius_in_cycles(inputs: Inputs, radius: str) -> float:
    """A share of the Nyquist frequency in cycles per image."""
    return to_float(radius) * inputs.one(name="dataset").metrics["image_size"] / 2


def _ring(inputs: Inputs, radius: str) -> int:
    return round(radius_in_cycles(inputs, radius))


@dataclass(frozen=True)
class _RadialSpectra:
    """Spectra by ring: index (N,), the images' numbers in their split; ring_sizes (R,), frequencies of each ring.

    radial: of natural and adversarial images (N, R), the mean of ln |F| over a ring; energy: likewise the sum of |F|².
    """

    index: NDArray
    ring_sizes: NDArray
    radial: tuple[NDArray, NDArray]
    energy: tuple[NDArray, NDArray]

    def surplus(self, first: int, end: int | None, weighting: str) -> NDArray:
        """Adversarial minus natural, (N,), in ln of the amplitude over the rings from `first` to before `end`."""
        rings = slice(first, end)
        if weighting == "energy":
            natural, adversarial = (energy[:, rings].sum(1) for energy in self.energy)
            return np.log(adversarial / natural) / 2
        if weighting == "coefficients":
            natural, adversarial = (radial[:, rings] for radial in self.radial)
            return np.average(adversarial - natural, axis=1, weights=self.ring_sizes[rings])
        raise ValueError(f"weighting: is {weighting!r}; it has to be 'coefficients' or 'energy'")


def _read_spectra(inputs: Inputs, model: str) -> _RadialSpectra:
    with np.load(inputs.one(name="spectra", model=model).file("spectra.npz")) as content:
        radial, energy = ((content[f"natural_{what}"], content[f"adversarial_{what}"]) for what in ("radial", "energy"))
        return _RadialSpectra(content["index"], content["ring_sizes"], radial, energy)
