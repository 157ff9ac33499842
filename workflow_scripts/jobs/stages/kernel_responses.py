"""What real kernels of two models make of real perturbations against both (local_properties paper, Figure 4)."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from workflow_scripts.analysis.responses.conv_kernels import of_unit_gain, responses, roughness, spatial_weights
from workflow_scripts.analysis.responses.perturbations import neighbour_correlation
from workflow_scripts.inputs.pairs import read_pairs
from workflow_scripts.jobs.job import Job
from workflow_scripts.models.classifier import load_classifier
from workflow_scripts.store.artifact import Artifact

BATCH = 16
MODELS = ("standard", "robust")


def realise(job: Job) -> dict:
    """Write kernel_responses.npz, for the first convolution's kernels of both models, each divided by its sum of |w|.

    kernels (K, h, w), kernel_model (K,) "standard" or "robust", roughness (K,); for each model's perturbations
    `<model>_response` (N, K), the mean |Δ| over places and channels as a share of the largest that a perturbation of
    the same L∞ norm could give; `<model>_example` (H, W), one channel of the first pair's perturbation, in [0, 1].
    The pairs are those that both sets attacked, the first `images` of them.
    """
    dataset = job.one(name="dataset")
    kernels = {model: first_kernels(job.one(name=model), job.parameters["checkpoints"][model]) for model in MODELS}
    pairs = {model: read_pairs(job.one(name=f"{model}_images"), dataset) for model in MODELS}
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


def first_kernels(model: Artifact, checkpoint: str) -> NDArray:
    """The first convolution's kernels (K, h, w) of unit gain, float64; kernels of zeros are left out."""
    classifier = load_classifier(model.metrics["description"], model.file(f"{checkpoint}.safetensors"))
    state = {name: value.numpy() for name, value in classifier.state_dict().items()}
    weight = next(iter(spatial_weights(state).values()))
    kernels = weight.astype(np.float64).reshape(-1, *weight.shape[-2:])
    return of_unit_gain(kernels[np.abs(kernels).sum(axis=(1, 2)) > 1e-12])


def relative_responses(perturbations: NDArray, kernels: NDArray) -> NDArray:
    """Mean |Δ| (N, K) of perturbations (N, C, H, W), each channel by itself, as a share of the image's L∞ norm."""
    count, channels = perturbations.shape[:2]
    found = []
    for start in range(0, count, BATCH):
        part = perturbations[start : start + BATCH].astype(np.float64)
        answers = np.abs(responses(part.reshape(-1, *part.shape[2:]), kernels)).mean(axis=(2, 3))
        largest = np.abs(part).max(axis=(1, 2, 3))
        found.append(
            answers.reshape(len(part), channels, -1).mean(axis=1) / np.where(largest > 0, largest, np.nan)[:, None]
        )
    return np.concatenate(found)
