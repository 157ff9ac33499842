"""Responses of the kernels of a standard and a robust model to perturbations against both (local_properties, Figure 4).

kernel_responses.npz, for the kernels of both models' first convolutions, each divided by its sum of |w|: kernels (K, h,
w); kernel_model (K,), "standard" or "robust"; roughness (K,); index (N,), the images' positions in the split; and for
the perturbations against each model: `<model>_response` (N, K), the mean |Δ| over positions and channels divided by the
perturbation's L∞ norm, which no response exceeds; `<model>_correlation` (N,), the correlation of neighbouring pixels;
`<model>_example` (H, W), one channel of the first perturbation, as a difference of pixels in [0, 1].
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.responses.conv_kernels import (
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
    kernels = {model: first_kernels(job, model) for model in MODELS}
    pairs = {model: load_pairs(job, f"{model}_images") for model in MODELS}
    attacked = ~pairs["standard"].columns["skipped"] & ~pairs["robust"].columns["skipped"]
    rows = np.flatnonzero(attacked)[: job.parameters["images"]]
    if not len(rows):
        raise ValueError("no image was attacked on both models")
    every = np.concatenate([kernels[model] for model in MODELS])
    arrays = {
        "kernels": every,
        "kernel_model": np.repeat(MODELS, [len(kernels[model]) for model in MODELS]),
        "roughness": roughness(every[:, None]),
        "index": pairs["standard"].columns["index"][rows],
    }
    for model in MODELS:
        perturbations = pairs[model].adversarial(rows) - pairs[model].natural(rows)
        arrays[f"{model}_response"] = relative_responses(perturbations, every)
        arrays[f"{model}_correlation"] = neighbour_correlation(perturbations)
        arrays[f"{model}_example"] = perturbations[0, perturbations.shape[1] // 2]
    np.savez(job.out / "kernel_responses.npz", **arrays)
    return {"pairs": len(rows), **{f"{model}_kernels": len(kernels[model]) for model in MODELS}}


def first_kernels(job: Job, model: str) -> NDArray:
    """The kernels (K, h, w) of a model's first convolution, of unit gain, float64, without kernels of zeros."""
    classifier = load_victim(job, role=model, checkpoint=job.parameters["checkpoints"][model])
    state = {name: value.cpu().numpy() for name, value in classifier.state_dict().items()}
    weight = next(iter(spatial_weights(state).values()))
    kernels = weight.astype(np.float64).reshape(-1, *weight.shape[-2:])
    return normalise_gain(kernels[np.abs(kernels).sum(axis=(1, 2)) > 1e-12])


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
