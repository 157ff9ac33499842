"""Statistics of the claims about frequencies (Figures 1, 2 and 6); an effect is positive where it supports the claim.

A radius is given as a share of the images' Nyquist frequency, half their side; the nearest measured one is used.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, mean_above_zero, not_measured, paired_difference
from workflow_scripts.papers.local_properties.filtered_predictions import (
    FilteredPredictions,
    load_filtered_predictions,
)
from workflow_scripts.recipes.exact_numbers import to_float


def filtered_peak(inputs: Inputs, model: str, against: str) -> Evidence:
    """Accuracy on low-pass filtered adversarial images at its peak, minus that at `against`: "end" (unfiltered) or
    "start" (the smallest radius). The peak's radius is chosen on one half of the images and measured on the other."""
    return mean_above_zero([_peak_gain(predictions, against) for predictions in _predictions_by_seed(inputs, model)])


def filtering_helps_more(inputs: Inputs) -> Evidence:
    """How far the peak exceeds the end, in the standard minus in the robust model, over the same images."""
    larger, smaller = (
        [_peak_gain(predictions, "end") for predictions in _predictions_by_seed(inputs, model)]
        for model in ("standard", "robust")
    )
    return paired_difference(larger, smaller)


def gap_widens(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy lost to the attack on unfiltered images, minus that lost on images low-pass filtered at `radius`."""

    def widening(predictions: FilteredPredictions) -> NDArray:
        gap = predictions.correct["low_natural"].astype(float) - predictions.correct["low_adversarial"]
        return gap[-1] - gap[_radius_index(inputs, predictions, radius)]

    return mean_above_zero([widening(predictions) for predictions in _predictions_by_seed(inputs, model)])


def swap_damages(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy that natural images lose with the adversarial images' frequencies above `radius`."""
    return mean_above_zero(
        [_swap_damage(inputs, predictions, radius) for predictions in _predictions_by_seed(inputs, model)]
    )


def swap_damages_more(inputs: Inputs, radius: str) -> Evidence:
    """The loss of `swap_damages` in the standard minus in the robust model, over the same images."""
    larger, smaller = (
        [_swap_damage(inputs, predictions, radius) for predictions in _predictions_by_seed(inputs, model)]
        for model in ("standard", "robust")
    )
    return paired_difference(larger, smaller)


def swap_restores(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy that adversarial images gain with the natural images' frequencies above `radius`."""

    def gain(predictions: FilteredPredictions) -> NDArray:
        swapped = predictions.correct["swapped_adversarial"][_radius_index(inputs, predictions, radius)]
        return swapped.astype(float) - predictions.correct["low_adversarial"][-1]

    return mean_above_zero([gain(predictions) for predictions in _predictions_by_seed(inputs, model)])


def low_frequencies_damage_more(inputs: Inputs, model: str, radius: str) -> Evidence:
    """Accuracy on natural images with adversarial high frequencies, minus that on the opposite combination."""

    def difference(predictions: FilteredPredictions) -> NDArray:
        index = _radius_index(inputs, predictions, radius)
        return (
            predictions.correct["swapped_natural"][index].astype(float)
            - predictions.correct["swapped_adversarial"][index]
        )

    return mean_above_zero([difference(predictions) for predictions in _predictions_by_seed(inputs, model)])


def high_pass_above_chance(inputs: Inputs, model: str, curve: str, radius: str) -> Evidence:
    """Accuracy on high-pass filtered images ("natural" or "adversarial") minus that of guessing."""
    return mean_above_zero(_above_chance(inputs, model, curve, radius))


def high_pass_below_chance(inputs: Inputs, model: str, curve: str, radius: str) -> Evidence:
    """The accuracy of guessing minus that on high-pass filtered images ("natural" or "adversarial")."""
    return mean_above_zero([-values for values in _above_chance(inputs, model, curve, radius)])


def amplitude_surplus(inputs: Inputs, model: str, radius: str) -> Evidence:
    """ln |adversarial| − ln |natural|, mean over the frequencies above `radius`, per image."""
    found = _surplus(inputs, model)
    return mean_above_zero([found[1][:, _ring(inputs, radius) :].mean(1)])


def amplitude_surplus_is_high(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The surplus of `amplitude_surplus` above `radius` minus that below it."""
    values, ring = _surplus(inputs, model)[1], _ring(inputs, radius)
    return mean_above_zero([values[:, ring:].mean(1) - values[:, 1:ring].mean(1)])


def amplitude_surplus_differs(inputs: Inputs, radius: str) -> Evidence:
    """The surplus above `radius` of the standard minus of the robust model's examples, over the images of both."""
    (first, standard), (second, robust) = _surplus(inputs, "standard"), _surplus(inputs, "robust")
    common, mine, theirs = np.intersect1d(first, second, return_indices=True)
    if len(common) < 2:
        return not_measured("the two models' attacks have fewer than two images in common")
    ring = _ring(inputs, radius)
    return paired_difference([standard[mine][:, ring:].mean(1)], [robust[theirs][:, ring:].mean(1)])


def _predictions_by_seed(inputs: Inputs, model: str) -> Iterator[FilteredPredictions]:
    """The predictions for every training seed, in the order of seeds."""
    for item in sorted(inputs.all(name="filtered_predictions", model=model), key=lambda item: item.role["seed"]):
        yield load_filtered_predictions(item.artifact)


def _peak_gain(predictions: FilteredPredictions, against: str) -> NDArray:
    curve = predictions.correct["low_adversarial"].astype(float)
    chosen_on, measured_on = curve[:, ::2], curve[:, 1::2]
    peak = int(chosen_on.mean(1).argmax())
    # Radius 0 leaves nothing of the image: the curve starts at the first radius that leaves something.
    return measured_on[peak] - measured_on[{"end": -1, "start": 1}[against]]


def _swap_damage(inputs: Inputs, predictions: FilteredPredictions, radius: str) -> NDArray:
    return (
        predictions.correct["low_natural"][-1].astype(float)
        - predictions.correct["swapped_natural"][_radius_index(inputs, predictions, radius)]
    )


def _radius_index(inputs: Inputs, predictions: FilteredPredictions, radius: str) -> int:
    return int(np.abs(predictions.radii - _radius(inputs, radius)).argmin())


def _radius(inputs: Inputs, radius: str) -> float:
    return to_float(radius) * inputs.one(name="dataset").metrics["image_size"] / 2


def _ring(inputs: Inputs, radius: str) -> int:
    return round(_radius(inputs, radius))


def _surplus(inputs: Inputs, model: str) -> tuple[NDArray, NDArray]:
    """The images' numbers in their split (N,), and the surplus of each by ring (N, R)."""
    with np.load(inputs.one(name="spectra", model=model).file("spectra.npz")) as content:
        return content["index"], content["adversarial_radial"] - content["natural_radial"]


def _above_chance(inputs: Inputs, model: str, curve: str, radius: str) -> list[NDArray]:
    """Per training seed (N,): whether the prediction for each high-pass filtered image is correct, minus chance."""
    chance = 1 / inputs.one(name="dataset").metrics["classes"]
    return [
        predictions.correct[f"high_{curve}"][_radius_index(inputs, predictions, radius)].astype(float) - chance
        for predictions in _predictions_by_seed(inputs, model)
    ]
