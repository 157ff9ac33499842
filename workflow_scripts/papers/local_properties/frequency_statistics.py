"""Statistics of the claims about filtered images (Figures 1 and 6); an effect is positive where it supports the claim.

A radius is given as a share of the images' Nyquist frequency, half their side; the nearest measured one is used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence
from workflow_scripts.papers.local_properties.filtered_predictions import (
    FilteredPredictions,
    load_filtered_predictions,
)
from workflow_scripts.papers.local_properties.image_bootstraps import (
    NumberedValues,
    bootstrap_of_same_images,
    mean_over_images,
)
from workflow_scripts.papers.local_properties.spectrum_statistics import radius_in_cycles


def filtered_peak(inputs: Inputs, model: str, against: str) -> Evidence:
    """Accuracy on low-pass filtered adversarial images at its peak, minus that at `against`: "end" (unfiltered) or
    "start" (the smallest radius). The peak's radius is chosen on one half of the images and measured on the other."""
    return mean_over_images(_peak_gain(predictions, against) for predictions in _predictions_by_seed(inputs, model))


def filtering_helps_more(inputs: Inputs) -> Evidence:
    """How far the peak exceeds the end, in the standard minus in the robust model, over the same images."""
    return _standard_minus_robust(inputs, lambda predictions: _peak_gain(predictions, "end"))


def gap_widens(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy lost to the attack on unfiltered images, minus that lost on images low-pass filtered at `radius`."""

    def widening(predictions: FilteredPredictions) -> NDArray:
        gap = predictions.curve("low_natural") - predictions.curve("low_adversarial")
        return gap[-1] - gap[_radius_index(inputs, predictions, radius)]

    return _over_all_images(inputs, model, widening)


def swap_damages(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy that natural images lose with the adversarial images' frequencies above `radius`."""
    return _over_all_images(inputs, model, lambda predictions: _swap_damage(inputs, predictions, radius))


def swap_damages_more(inputs: Inputs, radius: str) -> Evidence:
    """The loss of `swap_damages` in the standard minus in the robust model, over the same images."""
    return _standard_minus_robust(
        inputs, lambda predictions: (predictions.index, _swap_damage(inputs, predictions, radius))
    )


def swap_restores(inputs: Inputs, model: str, radius: str) -> Evidence:
    """The accuracy that adversarial images gain with the natural images' frequencies above `radius`."""

    def gain(predictions: FilteredPredictions) -> NDArray:
        swapped = predictions.curve("swapped_adversarial")[_radius_index(inputs, predictions, radius)]
        return swapped - predictions.curve("low_adversarial")[-1]

    return _over_all_images(inputs, model, gain)


def low_frequencies_damage_more(inputs: Inputs, model: str, radius: str) -> Evidence:
    """Accuracy on natural images with adversarial high frequencies, minus that on the opposite combination."""

    def difference(predictions: FilteredPredictions) -> NDArray:
        index = _radius_index(inputs, predictions, radius)
        return predictions.curve("swapped_natural")[index] - predictions.curve("swapped_adversarial")[index]

    return _over_all_images(inputs, model, difference)


def high_pass_above_chance(inputs: Inputs, model: str, curve: str, radius: str) -> Evidence:
    """Accuracy on high-pass filtered images ("natural" or "adversarial") minus that of guessing."""
    return _over_all_images(inputs, model, lambda predictions: _above_chance(inputs, predictions, curve, radius))


def high_pass_below_chance(inputs: Inputs, model: str, curve: str, radius: str) -> Evidence:
    """The accuracy of guessing minus that on high-pass filtered images ("natural" or "adversarial")."""
    return _over_all_images(inputs, model, lambda predictions: -_above_chance(inputs, predictions, curve, radius))


def high_pass_similar(inputs: Inputs, model: str, radius: str, within: float) -> Evidence:
    """`within` minus the absolute difference of the accuracies on high-pass filtered natural and adversarial images."""
    seeds = []
    for predictions in _predictions_by_seed(inputs, model):
        index = _radius_index(inputs, predictions, radius)
        difference = predictions.curve("high_natural")[index] - predictions.curve("high_adversarial")[index]
        seeds.append((predictions.index, [difference]))
    return bootstrap_of_same_images(seeds, lambda difference: float(within - abs(difference.mean())))


def high_pass_little(inputs: Inputs, model: str, radius: str) -> Evidence:
    """Half of the accuracy beyond guessing on natural images, minus that on high-pass filtered natural images."""

    def less_than_half(predictions: FilteredPredictions) -> NDArray:
        unfiltered = predictions.curve("low_natural")[-1] - _chance(inputs)
        return unfiltered / 2 - _above_chance(inputs, predictions, "natural", radius)

    return _over_all_images(inputs, model, less_than_half)


def high_pass_standard_more(inputs: Inputs, curve: str, radius: str) -> Evidence:
    """Accuracy on high-pass filtered images ("natural" or "adversarial") of the standard minus of the robust model."""
    return _standard_minus_robust(
        inputs, lambda predictions: (predictions.index, _above_chance(inputs, predictions, curve, radius))
    )


def _predictions_by_seed(inputs: Inputs, model: str) -> Iterator[FilteredPredictions]:
    """The predictions for every training seed, in the order of seeds."""
    for item in sorted(inputs.all(name="filtered_predictions", model=model), key=lambda item: item.role["seed"]):
        yield load_filtered_predictions(item.artifact)


def _over_all_images(inputs: Inputs, model: str, value: Callable[[FilteredPredictions], NDArray]) -> Evidence:
    """The mean of `value`, (N,) of each seed's predictions by `model`."""
    by_seed = _predictions_by_seed(inputs, model)
    return mean_over_images((predictions.index, value(predictions)) for predictions in by_seed)


def _standard_minus_robust(inputs: Inputs, value: Callable[[FilteredPredictions], NumberedValues]) -> Evidence:
    """The mean over images of `value` in the standard minus in the robust model.

    Raises ValueError where the models were not measured on the same images.
    """
    differences = []
    by_model = (map(value, _predictions_by_seed(inputs, model)) for model in ("standard", "robust"))
    for (numbers, standard), (others, robust) in zip(*by_model, strict=True):
        if not np.array_equal(numbers, others):
            raise ValueError("predictions that are compared come from different images")
        differences.append((numbers, standard - robust))
    return mean_over_images(differences)


def _peak_gain(predictions: FilteredPredictions, against: str) -> NumberedValues:
    curve = predictions.curve("low_adversarial")
    chosen_on, measured_on = curve[:, ::2], curve[:, 1::2]
    peak = int(chosen_on.mean(1).argmax())
    # Radius 0 leaves nothing of the image: the curve starts at the first radius that leaves something.
    return predictions.index[1::2], measured_on[peak] - measured_on[{"end": -1, "start": 1}[against]]


def _swap_damage(inputs: Inputs, predictions: FilteredPredictions, radius: str) -> NDArray:
    swapped = predictions.curve("swapped_natural")[_radius_index(inputs, predictions, radius)]
    return predictions.curve("low_natural")[-1] - swapped


def _above_chance(inputs: Inputs, predictions: FilteredPredictions, curve: str, radius: str) -> NDArray:
    """Whether the prediction for each high-pass filtered image is correct, minus chance (N,)."""
    return predictions.curve(f"high_{curve}")[_radius_index(inputs, predictions, radius)] - _chance(inputs)


def _chance(inputs: Inputs) -> float:
    return 1 / inputs.one(name="dataset").metrics["classes"]


def _radius_index(inputs: Inputs, predictions: FilteredPredictions, radius: str) -> int:
    return int(np.abs(predictions.radii - radius_in_cycles(inputs, radius)).argmin())
