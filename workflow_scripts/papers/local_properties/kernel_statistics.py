"""Statistics of the claims about kernels: their smoothness, and their responses to perturbations (Figure 4).

An effect is positive where it supports the claim.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.bootstrap import Evidence, bootstrap, image_keys
from workflow_scripts.store.artifact import Artifact


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
