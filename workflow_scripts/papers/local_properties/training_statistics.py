"""What is measured of the claims about perturbations, kernels, weight decay and robust overfitting.

Figures 3 to 5, 7 and 9.
"""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from workflow_scripts.analysis.responses.perturbations import neighbour_correlation, share_at_bound
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.pairs import read_pairs
from workflow_scripts.papers.evidence import Evidence, bootstrap, mean_above_zero, missing, paired_difference
from workflow_scripts.papers.local_properties.response_statistics import log_ratio
from workflow_scripts.papers.local_properties.sweep import evaluated_images, trainings
from workflow_scripts.store.artifact import Artifact

NO_SWEEP = "the configuration has no weight-decay sweep"
BEST_IS_LAST = "the most robust epoch is the last one"
Z = 1.959963984540054  # of a 95% interval


def perturbations_consistent(inputs: Inputs, attack: str) -> Evidence:
    """Correlation of neighbouring perturbations against the robust model minus that against the standard one."""
    larger, smaller = [], []
    for robust, standard in zip(*(_sets(inputs, attack, model) for model in ("robust", "standard")), strict=True):
        pairs = [read_pairs(made, inputs.one(name="dataset")) for made in (robust, standard)]
        rows = np.flatnonzero(~pairs[0].columns["skipped"] & ~pairs[1].columns["skipped"])
        found = [neighbour_correlation(made.adversarial(rows) - made.natural(rows)) for made in pairs]
        known = ~np.isnan(found[0]) & ~np.isnan(found[1])
        larger.append(found[0][known])
        smaller.append(found[1][known])
    return paired_difference(larger, smaller)


def perturbations_at_bound(inputs: Inputs, attack: str, model: str, share: float) -> Evidence:
    """Share of features that move by the whole budget or to the end of the range, minus `share`."""
    values = []
    for made in _sets(inputs, attack, model):
        pairs = read_pairs(made, inputs.one(name="dataset"))
        rows = np.flatnonzero(~pairs.columns["skipped"])
        natural, adversarial = pairs.natural(rows), pairs.adversarial(rows)
        bound = float(np.abs(adversarial - natural).max()) if len(rows) else 0.0
        values.append(share_at_bound(natural, adversarial, bound) - share)
    return mean_above_zero(values)


def smoother_kernels(inputs: Inputs, layers: str) -> Evidence:
    """Roughness of the standard model's filters minus that of the robust one's: of the "first" layer, or of "all"."""
    standard, robust = (
        _filters(inputs.one(name="kernel_statistics", model=m), "roughness", layers) for m in ("standard", "robust")
    )
    return bootstrap([(standard, robust)], lambda a, b: float(a.mean() - b.mean()))


def rough_kernels_amplify(inputs: Inputs) -> Evidence:
    """Mean |Δ| of the rougher third of kernels minus that of the smoother, for perturbations of the standard model."""
    smooth, rough, found = _kernel_responses(inputs)
    return paired_difference([found["standard"][:, rough].mean(1)], [found["standard"][:, smooth].mean(1)])


def consistent_hit_smooth_kernels(inputs: Inputs) -> Evidence:
    """Mean |Δ| of the smoother third of kernels for perturbations of the robust model minus of the standard one."""
    smooth, _, found = _kernel_responses(inputs)
    return paired_difference([found["robust"][:, smooth].mean(1)], [found["standard"][:, smooth].mean(1)])


def sweep_kernels_shrink(inputs: Inputs, statistic: str) -> Evidence:
    """ln(smallest / largest weight decay) of the filters' mean `statistic`."""
    found = trainings(inputs)
    if not found:
        return missing(NO_SWEEP)
    ends = tuple(_filters(found[k].kernels, statistic, "all")[:, None] for k in (0, -1))
    return bootstrap([ends], lambda a, b: float(log_ratio(a, b)[0]))


def sweep_differences_shrink(inputs: Inputs, measure: str) -> Evidence:
    """The smallest over layers of ln(smallest / largest weight decay) of the mean response difference."""
    found = trainings(inputs)
    if not found:
        return missing(NO_SWEEP)
    ends = tuple(made.responses.measure(measure)[made.responses.attacked] for made in (found[0], found[-1]))
    return bootstrap([ends], lambda a, b: float(log_ratio(a, b).min()))


def sweep_gap_narrows(inputs: Inputs) -> Evidence:
    """The accuracy that PGD takes at the smallest weight decay minus what it takes at the largest."""
    found = trainings(inputs)
    if not found:
        return missing(NO_SWEEP)
    taken = [read_columns(made.set.file(FILE), ("success",))["success"].astype(float) for made in (found[0], found[-1])]
    return paired_difference([taken[0]], [taken[1]])


def sweep_overfits_less(inputs: Inputs) -> Evidence:
    """Robust test accuracy lost from the best to the last epoch, at the smallest minus at the largest weight decay."""
    found = trainings(inputs)
    if not found:
        return missing(NO_SWEEP)
    if all(made.best_epoch == made.history["epoch"].iloc[-1] for made in (found[0], found[-1])):
        return missing(BEST_IS_LAST)
    ends = [(*made.at("pgd_test_accuracy"), made.evaluated) for made in (found[0], found[-1])]
    (first_best, first_last, first_images), (best, last, images) = ends
    shares = [(first_best, first_images), (first_last, first_images), (best, images), (last, images)]
    return _binomial((first_best - first_last) - (best - last), shares)


def overfits(inputs: Inputs, against: str) -> Evidence:
    """Of the robust model's PGD accuracy: what it loses on test images from the best to the last epoch ("best"), or
    how far training images exceed test images at the last epoch ("training")."""
    model = inputs.all(name="model", model="robust")[0].artifact
    if "training" not in model.parameters:
        return missing("the robust model came as finished weights")
    history = pd.read_csv(model.file("history.csv"))
    last, images = history.iloc[-1], evaluated_images(model)
    if against == "best":
        best = history[history["epoch"] == model.metrics["best_epoch"]].iloc[0]
        if best["epoch"] == last["epoch"]:
            return missing(BEST_IS_LAST)
        larger = float(best["pgd_test_accuracy"])
    else:
        larger = float(last["pgd_train_accuracy"])
    smaller = float(last["pgd_test_accuracy"])
    return _binomial(larger - smaller, [(larger, images), (smaller, images)])


def _binomial(effect: float, shares: list[tuple[float, int]]) -> Evidence:
    """An effect that adds and subtracts `shares`, each of so many images, with its normal 95% interval.

    The history keeps no answers of single images, so that shares of the same images count as independent: the interval
    is too wide rather than too narrow.
    """
    # Laplace's rule keeps a share of 0 or 1 from looking exact.
    adjusted = [((share * count + 1) / (count + 2), count) for share, count in shares]
    half = Z * sum(share * (1 - share) / count for share, count in adjusted) ** 0.5
    return Evidence(effect, effect - half, effect + half, samples=max(count for _, count in shares))


def _sets(inputs: Inputs, attack: str, model: str) -> list[Artifact]:
    found = inputs.all(name="set", attack=attack, victim=model)
    return [item.artifact for item in sorted(found, key=lambda item: item.role["seed"])]


def _filters(kernels: Artifact, statistic: str, layers: str) -> NDArray:
    """A statistic's known values over the output filters of the first or of all layers."""
    with np.load(kernels.file("kernel_statistics.npz")) as content:
        names = [str(name) for name in content["layers"]]
        values = np.concatenate(
            [content[f"{statistic}/{name}"] for name in (names[:1] if layers == "first" else names)]
        )
    return values[~np.isnan(values)]


def _kernel_responses(inputs: Inputs) -> tuple[NDArray, NDArray, dict[str, NDArray]]:
    """The smoother and the rougher third of the kernels, and the responses (N, K) by attacked model."""
    with np.load(inputs.one(name="kernel_responses").file("kernel_responses.npz")) as content:
        order = np.argsort(content["roughness"], kind="stable")
        third = max(1, len(order) // 3)
        found = {model: content[f"{model}_response"] for model in ("standard", "robust")}
    known = ~np.isnan(found["standard"]).any(1) & ~np.isnan(found["robust"]).any(1)
    return order[:third], order[-third:], {model: values[known] for model, values in found.items()}
