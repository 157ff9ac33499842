"""What the analyses compute most of: mutual information of feature maps, and filter saliency."""

from __future__ import annotations

from functools import partial

import torch

from tests.benchmarks.gpu.measuring import Case, Work, operations_of, random_images
from tests.benchmarks.gpu.trainings import classifier_of
from workflow_scripts.analysis.information.paths import information_paths
from workflow_scripts.analysis.saliency.filters import filter_saliency, memory_budget
from workflow_scripts.models.feature_maps import feature_maps


def information(device: str, name: str, small: bool) -> Work:
    """Information paths of the network's own maps; the maps are made beforehand."""
    images = 2 if small else 50
    model = classifier_of(name, small).to(device).eval()
    x = random_images(images, device).float().div_(255)
    maps, _ = feature_maps(model, x)
    operations = operations_of(lambda: information_paths(maps, x)) / images
    return Work(lambda: information_paths(maps, x), images, operations)


def saliency(device: str, name: str, small: bool) -> Work:
    """Filter saliency of as many images at once as half of the free memory takes."""
    images = 4 if small else 256
    model = classifier_of(name, small).to(device).eval()
    x = random_images(images, device).float().div_(255)
    y = torch.arange(images, device=device) % 10
    operations = operations_of(lambda: filter_saliency(model, x[:4], y[:4])) / 4
    return Work(lambda: filter_saliency(model, x, y, memory_budget(device)), images, operations)


def cases(small: bool) -> list[Case]:
    networks = ("good_init", "resnet18")
    return [
        *(Case("mutual information", name, partial(information, name=name, small=small)) for name in networks),
        *(Case("saliency", name, partial(saliency, name=name, small=small)) for name in ("resnet18", "vgg_like")),
    ]
