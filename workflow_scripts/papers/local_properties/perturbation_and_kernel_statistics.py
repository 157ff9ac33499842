"""Statistics of the claims about perturbations and kernels (Figures 3, 4 and 7), and kernel smoothness.

An effect is positive where it supports the claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.responses.perturbations import neighbour_correlation, share_at_bound
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.inputs.pairs import read_pairs
from workflow_scripts.papers.bootstrap import Evidence, bootstrap, image_keys
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


def rough_kernels_amplify(inputs: Inputs, normalisation: str) -> Evidence:
    """Mean |Δ| of the rougher minus of the smoother third of kernels, for perturbations of the standard model.

    normalisation: "gain" for kernels of Σ|w| = 1, ordered by roughness; "mean" for kernels of the same mean, ordered by
    variance. Images and filters are resampled.
    """
    found = _kernel_responses(inputs, normalisation)

    def statistic(standard: NDArray, filters: NDArray) -> float:
        smooth, rough = found.smoother_and_rougher(filters)
        means = standard.mean(0)
        return float(means[rough].mean() - means[smooth].mean())

    return _over_images_and_filters(found, ("standard",), statistic)


def consistent_hit_smooth_kernels(inputs: Inputs, normalisation: str) -> Evidence:
    """Mean |Δ| of the smoother third of kernels, for perturbations of the robust minus of the standard model.

    normalisation: as for `rough_kernels_amplify`. Images and filters are resampled.
    """
    found = _kernel_responses(inputs, normalisation)

    def statistic(robust: NDArray, standard: NDArray, filters: NDArray) -> float:
        smooth, _ = found.smoother_and_rougher(filters)
        return float(robust.mean(0)[smooth].mean() - standard.mean(0)[smooth].mean())

    return _over_images_and_filters(found, ("robust", "standard"), statistic)


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


@dataclass(frozen=True)
class _KernelResponses:
    """Mean |Δ| of K kernels to N perturbations against each model.

    index: (N,), the images' numbers; disorder: (K,), what orders the kernels; filters: (F, C), for each output filter
    the positions of its kernels, −1 for a kernel that was left out; responses: (N, K) by attacked model.
    """

    index: NDArray
    disorder: NDArray
    filters: NDArray
    responses: dict[str, NDArray]

    def smoother_and_rougher(self, filters: NDArray) -> tuple[NDArray, NDArray]:
        """Positions of the smoother and of the rougher third of the kernels of these `filters`."""
        kernels = filters[filters >= 0]
        order = kernels[np.argsort(self.disorder[kernels], kind="stable")]
        third = max(1, len(order) // 3)
        return order[:third], order[-third:]


def _kernel_responses(inputs: Inputs, normalisation: str) -> _KernelResponses:
    suffix, disorder = {"gain": ("", "roughness"), "mean": ("_same_mean", "variance")}[normalisation]
    with np.load(inputs.one(name="kernel_responses").file("kernel_responses.npz")) as content:
        responses = {model: content[f"{model}_response{suffix}"] for model in ("standard", "robust")}
        index, order, filter_of_kernel = content["index"], content[disorder], content["kernel_filter"]
    kernels = [np.flatnonzero(filter_of_kernel == number) for number in np.unique(filter_of_kernel)]
    filters = np.full((len(kernels), max(map(len, kernels))), -1)
    for row, positions in zip(filters, kernels, strict=True):
        row[: len(positions)] = positions
    defined = ~np.isnan(responses["standard"]).any(1) & ~np.isnan(responses["robust"]).any(1)
    return _KernelResponses(
        index[defined], order, filters, {model: values[defined] for model, values in responses.items()}
    )


def _over_images_and_filters(
    found: _KernelResponses, models: tuple[str, ...], statistic: Callable[..., float]
) -> Evidence:
    """A statistic of the responses to perturbations against `models` and of the filters; both are resampled."""
    groups = [*(found.responses[model] for model in models), found.filters]
    images = [*([image_keys(found.index)] * len(models)), None]
    evidence = bootstrap([groups], statistic, images=[images], resampled="images and filters")
    return evidence if evidence.effect is None else replace(evidence, samples=len(found.index))
