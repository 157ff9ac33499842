"""A network's layers as the information_flow paper's Table X lists them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from workflow_scripts.models.classifier import Classifier
from workflow_scripts.models.hooks import output_hooks


@torch.no_grad()
def describe_layers(classifier: Classifier, images: Tensor) -> list[dict]:
    """The network's elementary layers in the order in which they run: kind, output shape (C, H, W), parameters.

    `images`: uint8 or float (N, C, H, W); only its shape matters. A ReLU is named with the layer that it follows.
    """
    layers: list[dict] = []
    skipped = (nn.Flatten, nn.Identity)
    leaves = [m for m in classifier.network.modules() if not list(m.children()) and not isinstance(m, skipped)]

    def note(index: int, output: Tensor) -> None:
        module = leaves[index]
        if isinstance(module, nn.ReLU) and layers:
            layers[-1]["kind"] += ", relu"
            return
        layers.append(
            {
                "kind": kind_of(module),
                "output": list(output.shape[1:]),
                "parameters": sum(p.numel() for p in module.parameters()),
            }
        )

    classifier.eval()
    with output_hooks(dict(enumerate(leaves)), note):
        classifier(images.float())
    return layers


def kind_of(module: nn.Module) -> str:
    """A layer's short name with its sizes."""
    if isinstance(module, nn.Conv2d):
        return f"Conv2D: {module.kernel_size[0]}×{module.kernel_size[1]}, {module.out_channels}"
    if isinstance(module, nn.MaxPool2d):
        return f"MaxPooling2D: {module.kernel_size}×{module.kernel_size}"
    if isinstance(module, nn.Dropout):
        return f"Dropout: {module.p}"
    if isinstance(module, nn.Linear):
        return f"FullyConnected: {module.out_features}"
    return {"AdaptiveMaxPool2d": "GlobalMaxPooling2D", "AdaptiveAvgPool2d": "GlobalAveragePooling2D"}.get(
        type(module).__name__, type(module).__name__
    )
