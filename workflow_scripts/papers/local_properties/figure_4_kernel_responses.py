"""Figure 4: responses of both models' smooth and non-smooth kernels to perturbations against both models."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.responses.conv_kernels import perturbation_responses
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.kernel_responses import kernel_responses

MODELS = ("standard", "robust")


def figure(inputs: Inputs):
    """The smoothest kernel of the robust and the roughest one of the standard model; beside them all kernels."""
    with np.load(inputs.one(name="kernel_responses").file("kernel_responses.npz")) as content:
        arrays = {name: content[name] for name in content.files}
    kernel_model, roughness = arrays["kernel_model"], arrays["roughness"]
    smooth = np.flatnonzero(kernel_model == "robust")[roughness[kernel_model == "robust"].argmin()]
    rough = np.flatnonzero(kernel_model == "standard")[roughness[kernel_model == "standard"].argmax()]
    kernels = {"smooth (robust)": arrays["kernels"][smooth], "rough (standard)": arrays["kernels"][rough]}
    examples = {model: arrays[f"{model}_example"].astype(np.float64) for model in MODELS}
    maps = {
        (name, model): np.abs(perturbation_responses(example[None], kernel[None])[0, 0]) / np.abs(example).max()
        for name, kernel in kernels.items()
        for model, example in examples.items()
    }
    means = {model: np.nanmean(arrays[f"{model}_response"], axis=0) for model in MODELS}
    return kernel_responses(examples, kernels, maps, roughness, kernel_model, means)
