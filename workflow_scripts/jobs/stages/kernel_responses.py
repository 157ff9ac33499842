"""Responses of the kernels of a standard and a robust model to perturbations against both (local_properties, Figure 4).

kernel_responses.npz, for the kernels of both models' first convolutions: kernels (K, h, w), each divided by its sum of
|w|; kernel_model (K,), "standard" or "robust"; kernel_filter (K,), the number of the output filter among those of both
models; roughness (K,), and variance (K,) of the kernels with the same mean (`equalise_means`); index (N,), the images'
positions in the split; and for the perturbations against each model: `<model>_response` (N, K), the mean |Δ| over
positions and channels divided by the perturbation's L∞ norm, which no response exceeds; `<model>_response_same_mean`
(N, K), the same of the kernels with the same mean; `<model>_correlation` (N,), the correlation of neighbouring pixels;
`<model>_example` (H, W), one channel of the first perturbation, as a difference of pixels in [0, 1].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.responses.conv_kernels import (
    equalise_means,
    normalise_gain,
    perturbation_responses,
    roughness,
    spatial_weights,
)
from workflow_scripts.analysis.responses.perturbations import neighbour_correlation
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.inputs.pairs import load_pairs
from workflow_scripts.jobs.job import Job

BATCH = 16
"""Perturbations in memory at once."""
MODELS = ("standard", "robust")


def realise(job: Job) -> dict:
    """Measure the first `images` of the images that both sets attacked; return the numbers of pairs and kernels."""
    weights = {model: first_kernels(job, model) for model in MODELS}
    pairs = {model: load_pairs(job, f"{model}_images") for model in MODELS}
    attacked = ~pairs["standard"].columns["skipped"] & ~pairs["robust"].columns["skipped"]
    rows = np.flatnonzero(attacked)[: job.parameters["images"]]
    if not len(rows):
        raise ValueError("no image was attacked on both models")
    every = np.concatenate([weights[model][0] for model in MODELS])
    unit_gain, same_mean = normalise_gain(every), equalise_means(every)
    filters = [weights[model][1] for model in MODELS]
    arrays = {
        "kernels": unit_gain,
        "kernel_model": np.repeat(MODELS, [len(each) for each in filters]),
        "kernel_filter": np.concatenate([filters[0], filters[1] + filters[0].max() + 1]),
        "roughness": roughness(unit_gain[:, None]),
        "variance": same_mean.var(axis=(1, 2)),
        "index": pairs["standard"].columns["index"][rows],
    }
    for model in MODELS:
        perturbations = pairs[model].adversarial(rows) - pairs[model].natural(rows)
        arrays[f"{model}_response"] = relative_responses(perturbations, unit_gain)
        arrays[f"{model}_response_same_mean"] = relative_responses(perturbations, same_mean)
        arrays[f"{model}_correlation"] = neighbour_correlation(perturbations)
        arrays[f"{model}_example"] = perturbations[0, perturbations.shape[1] // 2]
    np.savez(job.out / "kernel_responses.npz", **arrays)
    return {"pairs": len(rows), **{f"{model}_kernels": len(weights[model][0]) for model in MODELS}}


def first_kernels(job: Job, model: str) -> tuple[NDArray, NDArray]:
    """The kernels (K, h, w) of a model's first convolution, float64, and the number of each one's output filter (K,).

    Kernels of zeros are left out. ValueError where there are no others.
    """
    classifier = load_victim(job, role=model, checkpoint=job.parameters["checkpoints"][model])
    state = {name: value.cpu().numpy() for name, value in classifier.state_dict().items()}
    weight = next(iter(spatial_weights(state).values()))
    kernels = weight.astype(np.float64).reshape(-1, *weight.shape[-2:])
    filters = np.repeat(np.arange(len(weight)), weight.shape[1])
    kept = np.abs(kernels).sum(axis=(1, 2)) > 1e-12
    if not kept.any():
        raise ValueError(f"all kernels of the {model} model's first convolution are zero")
    return kernels[kept], filters[kept]


def relative_responses(perturbations: NDArray, kernels: NDArray) -> NDArray:
    """Mean |Δ| (N, K) over positions and channels of perturbations (N, C, H, W), divided by each one's L∞ norm."""
    count, channels = perturbations.shape[:2]
    relative = []
    for start in range(0, count, BATCH):
        part = perturbations[start : start + BATCH].astype(np.float64)
        differences = np.abs(perturbation_responses(part.reshape(-1, *part.shape[2:]), kernels)).mean(axis=(2, 3))
        largest = np.abs(part).max(axis=(1, 2, 3))
        means = differences.reshape(len(part), channels, -1).mean(axis=1)
        relative.append(means / np.where(largest > 0, largest, np.nan)[:, None])
    return np.concatenate(relative)
