"""A classifier before its first step."""

from __future__ import annotations

import torch
from torch import Tensor

from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.models.classifier import Classifier, architecture, build_classifier
from workflow_scripts.models.initialise import initialise
from workflow_scripts.training.auxiliary_norm import add_norms
from workflow_scripts.training.loop import Hyperparameters

LSUV_IMAGES = 256


def fresh_classifier(description: dict, images: Tensor, seed: int, hyper: Hyperparameters) -> Classifier:
    """The network that `description` asks for, initialised as its architecture says; with auxiliary norms if asked.

    images: uint8 training images (N, C, H, W); LSUV scales the weights on a few of them.
    """
    torch.manual_seed(seed)
    classifier = build_classifier(description)
    spread_out = torch.linspace(0, len(images) - 1, LSUV_IMAGES).long()  # sources are often sorted by class
    sample = (to_unit_range(images.cpu()[spread_out]) - classifier.mean) / classifier.std
    method = description.get("initialisation") or architecture(description["architecture"]).INITIALISATION
    if method != "own":
        initialise(classifier.network, method, sample)
    if hyper.auxiliary_batch_norm:
        add_norms(classifier.network)
    return classifier
