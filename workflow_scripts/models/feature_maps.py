"""The feature maps of a classifier's named layers."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor

from workflow_scripts.models.classifier import Classifier
from workflow_scripts.models.hooks import output_hooks


@contextmanager
def captured(classifier: Classifier) -> Iterator[OrderedDict[str, Tensor]]:
    """Inside the block each forward pass fills the mapping: layer name → feature maps (N, C, H, W), input to output."""
    maps: OrderedDict[str, Tensor] = OrderedDict()

    def keep(name: str, output: Tensor) -> None:
        maps[name] = output.detach()

    with output_hooks(classifier.conv_layers, keep):
        yield maps


@torch.no_grad()
def feature_maps(classifier: Classifier, x: Tensor) -> tuple[OrderedDict[str, Tensor], Tensor]:
    """Layer name → feature maps of images `x` (N, C, H, W) in [0, 1], and the logits (N, classes)."""
    with captured(classifier) as maps:
        logits = classifier(x)
    return OrderedDict(maps), logits
