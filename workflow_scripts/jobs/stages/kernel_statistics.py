"""Magnitude, variance and roughness of a model's kernels, by layer and output filter."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.responses.conv_kernels import magnitude, roughness, spatial_weights, variance
from workflow_scripts.jobs.job import Job
from workflow_scripts.models.classifier import load_classifier

STATISTICS = {"magnitude": magnitude, "variance": variance, "roughness": roughness}


def realise(job: Job) -> dict:
    """Write kernel_statistics.npz: `<statistic>/<layer>` (filters,); the metrics are means over all weights of all layers."""
    model = job.one(name="model")
    classifier = load_classifier(
        model.metrics["description"], model.file(f"{job.parameters['checkpoint']}.safetensors")
    )
    weights = spatial_weights({name: value.numpy() for name, value in classifier.state_dict().items()})
    if not weights:
        raise ValueError("the model has no convolution larger than 1×1, so it has no kernels to measure")
    arrays = {
        f"{name}/{layer}": statistic(weight)
        for name, statistic in STATISTICS.items()
        for layer, weight in weights.items()
    }
    np.savez(job.out / "kernel_statistics.npz", layers=np.array(list(weights)), **arrays)
    sizes = np.concatenate([np.full(len(weight), weight[0].size) for weight in weights.values()])
    metrics: dict = {"kernels": int(sum(weight.shape[0] * weight.shape[1] for weight in weights.values()))}
    for name in STATISTICS:
        values = np.concatenate([arrays[f"{name}/{layer}"] for layer in weights])
        known = ~np.isnan(values)
        metrics[name] = float(np.average(values[known], weights=sizes[known])) if known.any() else None
    return metrics
