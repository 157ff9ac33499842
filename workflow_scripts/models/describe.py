"""A network's layers as the information_flow paper's Table X lists them."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from workflow_scripts.models.classifier import Classifier


@torch.no_grad()
def describe_layers(classifier: Classifier, images: Tensor) -> list[dict]:
    """The network's elementary layers in the order in which they run: kind, output shape (C, H, W), parameters.

    `images`: uint8 or float (N, C, H, W); only its shape matters. ReLUs are named with the layer that they follow.
    """
    layers: list[dict] = []

    def note(module, _inputs, output):
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

    skipped = (nn.Flatten, nn.Identity)
    leaves = [m for m in classifier.network.modules() if not list(m.children()) and not isinstance(m, skipped)]
    handles = [leaf.register_forward_hook(note) for leaf in leaves]
    try:
        classifier.eval()
        classifier(images.float())
    finally:
        for handle in handles:
            handle.remove()
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
