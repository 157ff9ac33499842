"""Statistics of the claims about amplitude spectra (Figure 2); an effect is positive where it supports the claim.

A radius is given as a share of the images' Nyquist frequency, half their side, and rounded to whole cycles.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, not_measured
from workflow_scripts.papers.local_properties.image_bootstraps import mean_over_images
from workflow_scripts.recipes.exact_numbers import to_float


def amplitude_surplus(inputs: Inputs, model: str, radius: str) -> Evidence:
    """ln |adversarial| − ln |natural|, mean over the frequencies above `radius`, per image."""
    numbers, values = _surplus(inputs, model)
    return mean_over_images([(numbers, values[:, _ring(inputs, radius) :].mean(1))])


def amplitude_surplus_is_high(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The surplus of `amplitude_surplus` above `radius` minus that below it."""
    (numbers, values), ring = _surplus(inputs, model), _ring(inputs, radius)
    return mean_over_images([(numbers, values[:, ring:].mean(1) - values[:, 1:ring].mean(1))])


def amplitude_surplus_differs(inputs: Inputs, radius: str) -> Evidence:
    """The surplus above `radius` of the standard minus of the robust model's examples, over the images of both."""
    (first, standard), (second, robust) = _surplus(inputs, "standard"), _surplus(inputs, "robust")
    common, mine, theirs = np.intersect1d(first, second, return_indices=True)
    if len(common) < 2:
        return not_measured("the two models' attacks have fewer than two images in common")
    ring = _ring(inputs, radius)
    return mean_over_images([(common, standard[mine][:, ring:].mean(1) - robust[theirs][:, ring:].mean(1))])


def radius_in_cycles(inputs: Inputs, radius: str) -> float:
    """A share of the Nyquist frequency in cycles per image."""
    return to_float(radius) * inputs.one(name="dataset").metrics["image_size"] / 2


def _ring(inputs: Inputs, radius: str) -> int:
    return round(radius_in_cycles(inputs, radius))


def _surplus(inputs: Inputs, model: str) -> tuple[NDArray, NDArray]:
    """The images' numbers in their split (N,), and the surplus of each by ring (N, R)."""
    with np.load(inputs.one(name="spectra", model=model).file("spectra.npz")) as content:
        return content["index"], content["adversarial_radial"] - content["natural_radial"]
