"""Figure 4: real kernels of both models answer to real perturbations against both models."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.responses.conv_kernels import perturbation_responses
from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.rendering.figures.kernel_responses import kernel_responses

MODELS = ("standard", "robust")


def figure(inputs: Inputs):
    """The smoothest kernel of the robust and the roughest of the standard model; beside them, all kernels of both."""
    with np.load(inputs.one(name="kernel_responses").file("kernel_responses.npz")) as content:
        found = {name: content[name] for name in content.files}
    owner, roughness = found["kernel_model"], found["roughness"]
    smooth = np.flatnonzero(owner == "robust")[roughness[owner == "robust"].argmin()]
    rough = np.flatnonzero(owner == "standard")[roughness[owner == "standard"].argmax()]
    kernels = {"smooth (robust)": found["kernels"][smooth], "rough (standard)": found["kernels"][rough]}
    examples = {model: found[f"{model}_example"].astype(np.float64) for model in MODELS}
    maps = {
        (name, model): np.abs(perturbation_responses(example[None], kernel[None])[0, 0]) / np.abs(example).max()
        for name, kernel in kernels.items()
        for model, example in examples.items()
    }
    means = {model: np.nanmean(found[f"{model}_response"], axis=0) for model in MODELS}
    return kernel_responses(examples, kernels, maps, roughness, owner, means)
