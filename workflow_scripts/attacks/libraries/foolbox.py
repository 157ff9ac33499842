"""Foolbox's attacks (Rauber et al. 2020): `foolbox.attacks.<name>(**parameters)`, called with `epsilons=epsilon`."""

from __future__ import annotations

import foolbox
from torch import Tensor

from workflow_scripts.attacks.libraries.request import Request


def generate(request: Request) -> Tensor:
    """Foolbox's images (N, C, H, W); with a budget, Foolbox moves what an attack returns into the ball."""
    model = foolbox.PyTorchModel(request.victim, bounds=(0, 1), device=request.x.device)
    criterion = request.y
    if request.targets is not None:
        criterion = foolbox.criteria.TargetedMisclassification(request.targets)
    attack = getattr(foolbox.attacks, request.name)(**request.parameters)
    return attack(model, request.x, criterion, epsilons=request.epsilon)[1]
