"""The layers of a configured network and the shapes of their feature maps."""

from __future__ import annotations

import torch

from workflow_scripts.jobs.weight_files import make_classifier
from workflow_scripts.models.feature_maps import feature_maps


def network_layers(request: dict, classes: int) -> tuple[str, list[tuple[str, str, tuple[int, ...]]]]:
    """How the layers of a network were found, and of each its name, its module's class and its maps' shape (C, H, W).

    request: as `weight_files.mistake` takes it. ValueError, one line, where it cannot be built or has no layers.
    """
    channels, size = request["in_channels"], request["image_size"]
    classifier = make_classifier(request, channels, classes)
    found = classifier.layers
    maps, _ = feature_maps(classifier, torch.zeros(1, channels, size, size))
    modules = dict(classifier.network.named_modules())
    kinds = {name: type(modules.get(name, part)).__name__ for name, part in found.maps.items()}
    return found.kind, [(name, kinds[name], tuple(each.shape[1:])) for name, each in maps.items()]
