"""ART's evasion attacks (Nicolae et al. 2018): `art.attacks.evasion.<name>(classifier, **parameters)`."""

from __future__ import annotations

import torch
from art.attacks import evasion
from art.estimators.classification import PyTorchClassifier
from torch import Tensor

from workflow_scripts.attacks.libraries.request import Request


def generate(request: Request) -> Tensor:
    """What `generate` of ART's attack returns, as a tensor (N, C, H, W); without progress bars."""
    x, targets = request.x, request.targets
    classifier = PyTorchClassifier(
        request.victim,
        loss=torch.nn.CrossEntropyLoss(),
        input_shape=tuple(x.shape[1:]),
        nb_classes=request.classes,
        clip_values=(0.0, 1.0),
        device_type="gpu" if x.is_cuda else "cpu",
    )
    made = getattr(evasion, request.name)
    targeted = {} if targets is None else {"targeted": True}
    attack = made(classifier, **request.keywords(made.__init__, verbose=False, **targeted))
    labels = request.y if targets is None else targets
    return torch.from_numpy(attack.generate(x.cpu().numpy(), y=labels.cpu().numpy())).to(x.device)
