"""Magnitude, variance and roughness of a model's convolution kernels (local_properties paper, section 4.4).

kernel_statistics.npz: layers (L,), the convolutions larger than 1×1; per statistic and layer `<statistic>/<layer>`
(filters,) float64. Magnitude is in units of the weights, variance in their square, roughness has no unit.
"""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.responses.conv_kernels import magnitude, roughness, spatial_weights, variance
from workflow_scripts.inputs.classifiers import load_victim
from workflow_scripts.jobs.job import Job

STATISTICS = {"magnitude": magnitude, "variance": variance, "roughness": roughness}


def realise(job: Job) -> dict:
    """Measure every filter; return the number of kernels and each statistic's mean, filters weighted by their size."""
    weights = spatial_weights({name: value.cpu().numpy() for name, value in load_victim(job).state_dict().items()})
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
