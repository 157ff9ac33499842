"""Statistics of the claims about weight decay and robust overfitting (Figures 5 and 9).

An effect is positive where it supports the claim.
"""

from __future__ import annotations

import pandas as pd
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, Z, bootstrap, not_measured
from workflow_scripts.papers.local_properties.image_bootstraps import bootstrap_of_same_images, mean_over_images
from workflow_scripts.papers.local_properties.kernel_statistics import kernel_statistic
from workflow_scripts.papers.local_properties.response_difference_statistics import log_ratio
from workflow_scripts.papers.local_properties.response_differences import ResponseDifferences, common_images
from workflow_scripts.papers.local_properties.weight_decay_sweep import evaluated_images, sweep_trainings

NO_SWEEP = "the configuration has no weight-decay sweep"
BEST_IS_LAST = "the most robust epoch is the last one"
NORMAL = "nothing: normal approximation"


def sweep_kernels_shrink(inputs: Inputs, statistic: str) -> Evidence:
    """ln(smallest / largest weight decay) of the filters' mean `statistic`, over the filters of all layers.

    "magnitude" and "variance" are in units of the weights, which a batch norm behind them cancels; "roughness" is not.
    """
    trainings = sweep_trainings(inputs)
    if not trainings:
        return not_measured(NO_SWEEP)
    ends = tuple(kernel_statistic(trainings[k].kernel_statistics, statistic, "all")[:, None] for k in (0, -1))
    return bootstrap([ends], lambda a, b: float(log_ratio(a, b)[0]), resampled="filters")


def sweep_differences_shrink(inputs: Inputs, measure: str) -> Evidence:
    """The smallest over layers of ln(smallest / largest weight decay) of the mean response difference, same images."""
    trainings = sweep_trainings(inputs)
    if not trainings:
        return not_measured(NO_SWEEP)
    first, last = trainings[0].differences, trainings[-1].differences
    common = common_images(first, last)
    groups = [each.measure(measure)[common] for each in (first, last)]
    return bootstrap_of_same_images([(first.index[common], groups)], lambda a, b: float(log_ratio(a, b).min()))


def sweep_gap_narrows(inputs: Inputs) -> Evidence:
    """The accuracy lost to PGD at the smallest weight decay minus that at the largest, over all images."""
    trainings = sweep_trainings(inputs)
    if not trainings:
        return not_measured(NO_SWEEP)
    first, last = trainings[0].differences, trainings[-1].differences
    common_images(first, last)
    return mean_over_images([(first.index, _lost(first) - _lost(last))])


def sweep_overfits_less(inputs: Inputs) -> Evidence:
    """Robust test accuracy lost from the best to the last epoch, at the smallest minus at the largest weight decay."""
    trainings = sweep_trainings(inputs)
    if not trainings:
        return not_measured(NO_SWEEP)
    if all(training.best_epoch == training.history["epoch"].iloc[-1] for training in (trainings[0], trainings[-1])):
        return not_measured(BEST_IS_LAST)
    ends = [(*training.at("pgd_test_accuracy"), training.evaluated) for training in (trainings[0], trainings[-1])]
    (first_best, first_last, first_images), (best, last, images) = ends
    shares = [(first_best, first_images), (first_last, first_images), (best, images), (last, images)]
    return _with_normal_interval((first_best - first_last) - (best - last), shares)


def overfits(inputs: Inputs, against: str) -> Evidence:
    """A drop in the robust model's accuracy under PGD.

    against: "best" for the drop on test images from the best to the last epoch, "training" for the drop from training
    to test images at the last epoch.
    """
    model = inputs.all(name="model", model="robust")[0].artifact
    if "training" not in model.parameters:
        return not_measured("the robust model came as finished weights")
    history = pd.read_csv(model.file("history.csv"))
    last, images = history.iloc[-1], evaluated_images(model)
    if against == "best":
        best = history[history["epoch"] == model.metrics["best_epoch"]].iloc[0]
        if best["epoch"] == last["epoch"]:
            return not_measured(BEST_IS_LAST)
        larger = float(best["pgd_test_accuracy"])
    else:
        larger = float(last["pgd_train_accuracy"])
    smaller = float(last["pgd_test_accuracy"])
    return _with_normal_interval(larger - smaller, [(larger, images), (smaller, images)])


def _lost(differences: ResponseDifferences) -> NDArray:
    """By how much each image's correctness drops, (N,): 1 where the attack turned it."""
    natural, adversarial = differences.predicted_natural, differences.predicted_adversarial
    return (natural == differences.label).astype(float) - (adversarial == differences.label)


def _with_normal_interval(effect: float, shares: list[tuple[float, int]]) -> Evidence:
    """An effect that is a sum or difference of `shares`, (share, number of images), with its normal 95% interval.

    The history has no predictions of single images, so shares of the same images are treated as independent; the
    interval is therefore too wide rather than too narrow.
    """
    # Laplace's rule: a share of 0 or 1 would otherwise have an interval of zero width.
    adjusted = [((share * count + 1) / (count + 2), count) for share, count in shares]
    half = Z * sum(share * (1 - share) / count for share, count in adjusted) ** 0.5
    return Evidence(effect, effect - half, effect + half, samples=max(count for _, count in shares), resampled=NORMAL)
