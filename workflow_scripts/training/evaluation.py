"""Loss and accuracy of a classifier, and what is reported of its network."""

from __future__ import annotations

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.models.classifier import Classifier, count_parameters
from workflow_scripts.models.describe import describe_layers


@dataclass(frozen=True)
class LabelledTensors:
    """x: uint8 images (N, C, H, W); y: int64 labels (N,); both on the device that computes."""

    x: Tensor
    y: Tensor

    def __len__(self) -> int:
        return len(self.y)


@torch.no_grad()
def evaluate(model: nn.Module, images: LabelledTensors, batch_size: int = 500) -> tuple[float, float]:
    """Mean cross-entropy (nats) and accuracy (0 … 1) in evaluation mode, in float32."""
    model.eval()
    loss, correct = 0.0, 0
    for start in range(0, len(images), batch_size):
        x, y = to_unit_range(images.x[start : start + batch_size]), images.y[start : start + batch_size]
        logits = model(x.contiguous(memory_format=torch.channels_last))
        loss += F.cross_entropy(logits, y, reduction="sum").item()
        correct += int(logits.argmax(1).eq(y).sum())
    return loss / len(images), correct / len(images)


def model_metrics(classifier: Classifier, test: LabelledTensors) -> dict:
    """Numbers of parameters, the layers, and the number of test images that the accuracy is measured on."""
    return {
        "parameters": count_parameters(classifier.network),
        "parameters_with_running_statistics": count_parameters(classifier.network, running_statistics=True),
        "test_images": len(test),
        "layers": describe_layers(classifier, test.x[:2]),
    }
