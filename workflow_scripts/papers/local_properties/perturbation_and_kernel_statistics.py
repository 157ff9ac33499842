"""Statistics of the claims about perturbations and kernels (Figures 3, 4 and 7), and kernel smoothness.

An effect is positive where it supports the claim.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.responses.perturbations import neighbour_correlation, share_at_bound
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.pairs import read_pairs
from workflow_scripts.papers.bootstrap import Evidence, bootstrap, paired_difference
from workflow_scripts.papers.local_properties.image_bootstraps import mean_over_images
from workflow_scripts.store.artifact import Artifact


def perturbations_consistent(inputs: Inputs, attack: str) -> Evidence:
    """Correlation of neighbouring pixels' perturbations, against the robust minus against the standard model."""
    values = []
    for robust, standard in zip(*(_sets(inputs, attack, model) for model in ("robust", "standard")), strict=True):
        pairs = [read_pairs(each, inputs.one(name="dataset")) for each in (robust, standard)]
        rows = np.flatnonzero(~pairs[0].columns["skipped"] & ~pairs[1].columns["skipped"])
        of_robust, of_standard = (neighbour_correlation(each.adversarial(rows) - each.natural(rows)) for each in pairs)
        defined = ~np.isnan(of_robust) & ~np.isnan(of_standard)
        values.append((pairs[0].columns["index"][rows][defined], (of_robust - of_standard)[defined]))
    return mean_over_images(values)


def perturbations_at_bound(inputs: Inputs, attack: str, model: str, share: float) -> Evidence:
    """The share of features that change by the whole budget or to the end of the range, minus `share`."""
    values = []
    for adversarial_set in _sets(inputs, attack, model):
        pairs = read_pairs(adversarial_set, inputs.one(name="dataset"))
        rows = np.flatnonzero(~pairs.columns["skipped"])
        natural, adversarial = pairs.natural(rows), pairs.adversarial(rows)
        bound = float(np.abs(adversarial - natural).max()) if len(rows) else 0.0
        values.append((pairs.columns["index"][rows], share_at_bound(natural, adversarial, bound) - share))
    return mean_over_images(values)


def smoother_kernels(inputs: Inputs, layers: str) -> Evidence:
    """Roughness of the standard minus of the robust model's filters, in the "first" layer or in "all" layers."""
    standard, robust = (
        kernel_statistic(inputs.one(name="kernel_statistics", model=model), "roughness", layers)
        for model in ("standard", "robust")
    )
    return bootstrap([(standard, robust)], lambda a, b: float(a.mean() - b.mean()), resampled="filters")


def rough_kernels_amplify(inputs: Inputs) -> Evidence:
    """Mean |Δ| of the rougher minus of the smoother third of kernels, for perturbations of the standard model."""
    smooth, rough, responses = _kernel_responses(inputs)
    to_standard = responses["standard"]
    return paired_difference([to_standard[:, rough].mean(1)], [to_standard[:, smooth].mean(1)])


def consistent_hit_smooth_kernels(inputs: Inputs) -> Evidence:
    """Mean |Δ| of the smoother third of kernels, for perturbations of the robust minus of the standard model."""
    smooth, _, responses = _kernel_responses(inputs)
    return paired_difference([responses["robust"][:, smooth].mean(1)], [responses["standard"][:, smooth].mean(1)])


def _sets(inputs: Inputs, attack: str, model: str) -> list[Artifact]:
    items = inputs.all(name="adversarial_set", attack=attack, victim=model)
    return [item.artifact for item in sorted(items, key=lambda item: item.role["seed"])]


def kernel_statistic(kernels: Artifact, statistic: str, layers: str) -> NDArray:
    """The defined values of a statistic over the output filters of the "first" layer or of "all" layers."""
    with np.load(kernels.file("kernel_statistics.npz")) as content:
        names = [str(name) for name in content["layers"]]
        values = np.concatenate(
            [content[f"{statistic}/{name}"] for name in (names[:1] if layers == "first" else names)]
        )
    return values[~np.isnan(values)]


def _kernel_responses(inputs: Inputs) -> tuple[NDArray, NDArray, dict[str, NDArray]]:
    """Positions of the smoother and of the rougher third of the kernels; the mean |Δ| (N, K) by attacked model."""
    with np.load(inputs.one(name="kernel_responses").file("kernel_responses.npz")) as content:
        order = np.argsort(content["roughness"], kind="stable")
        third = max(1, len(order) // 3)
        responses = {model: content[f"{model}_response"] for model in ("standard", "robust")}
    defined = ~np.isnan(responses["standard"]).any(1) & ~np.isnan(responses["robust"]).any(1)
    return order[:third], order[-third:], {model: values[defined] for model, values in responses.items()}
