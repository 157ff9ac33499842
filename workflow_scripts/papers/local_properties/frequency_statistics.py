"""What is measured of the claims about frequencies: Figures 1, 2 and 6.

A radius is given as a share of the images' Nyquist frequency, half their side; the nearest one measured is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.evidence import Evidence, mean_above_zero, missing, paired_difference
from workflow_scripts.papers.local_properties.answers import Answers, load_answers
from workflow_scripts.recipes.exact_numbers import to_float


def filtered_peak(inputs: Inputs, model: str, against: str) -> Evidence:
    """Accuracy on low-passed adversarial images at its peak, minus that at `against`: "end" (unfiltered) or "start"
    (the smallest radius). The peak's radius is chosen on half of the images and measured on the others."""
    return mean_above_zero([_above(found, against) for found in _answers(inputs, model)])


def filtering_helps_more(inputs: Inputs) -> Evidence:
    """How far the peak exceeds the end, in the standard model minus in the robust one, of the same images."""
    larger, smaller = ([_above(found, "end") for found in _answers(inputs, model)] for model in ("standard", "robust"))
    return paired_difference(larger, smaller)


def gap_widens(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy that the attack takes from whole images, minus what it takes from images low-passed at `radius`."""

    def widened(found: Answers) -> NDArray:
        gap = found.curves["low_natural"].astype(float) - found.curves["low_adversarial"]
        return gap[-1] - gap[_place(inputs, found, radius)]

    return mean_above_zero([widened(found) for found in _answers(inputs, model)])


def swap_damages(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy that natural images lose with the adversarial images' frequencies from `radius` on."""
    return mean_above_zero([_damage(inputs, found, radius) for found in _answers(inputs, model)])


def swap_damages_more(inputs: Inputs, radius: str) -> Evidence:
    """That loss in the standard model minus that in the robust one, of the same images."""
    larger, smaller = (
        [_damage(inputs, found, radius) for found in _answers(inputs, model)] for model in ("standard", "robust")
    )
    return paired_difference(larger, smaller)


def swap_restores(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy that adversarial images gain with the natural images' frequencies from `radius` on."""

    def gain(found: Answers) -> NDArray:
        swapped = found.curves["swapped_adversarial"][_place(inputs, found, radius)]
        return swapped.astype(float) - found.curves["low_adversarial"][-1]

    return mean_above_zero([gain(found) for found in _answers(inputs, model)])


def low_frequencies_damage_more(inputs: Inputs, model: str, radius: str) -> Evidence:
    """Accuracy on natural images with adversarial high frequencies, minus that on adversarial ones with natural."""

    def difference(found: Answers) -> NDArray:
        place = _place(inputs, found, radius)
        return found.curves["swapped_natural"][place].astype(float) - found.curves["swapped_adversarial"][place]

    return mean_above_zero([difference(found) for found in _answers(inputs, model)])


def high_pass_above_chance(inputs: Inputs, model: str, curve: str, radius: str) -> Evidence:
    """Accuracy on high-passed images ("natural" or "adversarial") minus that of guessing."""
    return mean_above_zero(_above_chance(inputs, model, curve, radius))


def high_pass_below_chance(inputs: Inputs, model: str, curve: str, radius: str) -> Evidence:
    """The accuracy of guessing minus that on high-passed images ("natural" or "adversarial")."""
    return mean_above_zero([-surplus for surplus in _above_chance(inputs, model, curve, radius)])


def amplitude_surplus(inputs: Inputs, model: str, radius: str) -> Evidence:
    """ln |adversarial| − ln |natural| over the frequencies from `radius` on, per image."""
    found = _surplus(inputs, model)
    return mean_above_zero([found[1][:, _ring(inputs, radius) :].mean(1)])


def amplitude_surplus_is_high(inputs: Inputs, model: str, radius: str) -> Evidence:
    """That surplus above `radius` minus that below it."""
    values, ring = _surplus(inputs, model)[1], _ring(inputs, radius)
    return mean_above_zero([values[:, ring:].mean(1) - values[:, 1:ring].mean(1)])


def amplitude_surplus_differs(inputs: Inputs, radius: str) -> Evidence:
    """The surplus above `radius` of the standard model's examples minus the robust one's, of images in both."""
    (first, standard), (second, robust) = _surplus(inputs, "standard"), _surplus(inputs, "robust")
    common, mine, theirs = np.intersect1d(first, second, return_indices=True)
    if len(common) < 2:
        return missing("the two models' attacks have fewer than two images in common")
    ring = _ring(inputs, radius)
    return paired_difference([standard[mine][:, ring:].mean(1)], [robust[theirs][:, ring:].mean(1)])


def _answers(inputs: Inputs, model: str) -> Iterator[Answers]:
    """By training seed, in the order of seeds."""
    for item in sorted(inputs.all(name="filtered_predictions", model=model), key=lambda item: item.role["seed"]):
        yield load_answers(item.artifact)


def _above(found: Answers, against: str) -> NDArray:
    curve = found.curves["low_adversarial"].astype(float)
    chosen_on, measured_on = curve[:, ::2], curve[:, 1::2]
    peak = int(chosen_on.mean(1).argmax())
    # Radius 0 leaves nothing of the image: the curve starts at the first radius that leaves something.
    return measured_on[peak] - measured_on[{"end": -1, "start": 1}[against]]


def _damage(inputs: Inputs, found: Answers, radius: str) -> NDArray:
    return (
        found.curves["low_natural"][-1].astype(float) - found.curves["swapped_natural"][_place(inputs, found, radius)]
    )


def _place(inputs: Inputs, found: Answers, radius: str) -> int:
    return int(np.abs(found.radii - _radius(inputs, radius)).argmin())


def _radius(inputs: Inputs, radius: str) -> float:
    return to_float(radius) * inputs.one(name="dataset").metrics["image_size"] / 2


def _ring(inputs: Inputs, radius: str) -> int:
    return round(_radius(inputs, radius))


def _surplus(inputs: Inputs, model: str) -> tuple[NDArray, NDArray]:
    """The images' places in their split (N,), and each one's surplus by ring (N, R)."""
    with np.load(inputs.one(name="spectra", model=model).file("spectra.npz")) as content:
        return content["index"], content["adversarial_radial"] - content["natural_radial"]


def _above_chance(inputs: Inputs, model: str, curve: str, radius: str) -> list[NDArray]:
    """By seed: whether each high-passed image is recognised, minus the accuracy of guessing, (N,)."""
    chance = 1 / inputs.one(name="dataset").metrics["classes"]
    return [
        found.curves[f"high_{curve}"][_place(inputs, found, radius)].astype(float) - chance
        for found in _answers(inputs, model)
    ]
