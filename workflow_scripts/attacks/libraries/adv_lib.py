"""Adversarial Library's attacks (Rony 2020): `adv_lib.attacks.<name>(model, inputs, labels, **parameters)`."""

from __future__ import annotations

from torch import Tensor

from workflow_scripts.attacks.libraries.request import Request


def generate(request: Request) -> Tensor:
    """What the attack returns (N, C, H, W)."""
    from adv_lib import attacks  # with torchvision, which an attack's job prepares first

    attack = getattr(attacks, request.name)
    targeted = request.targets is not None
    labels = request.targets if targeted else request.y
    keywords = request.keywords(attack, **({"targeted": True} if targeted else {}))
    return attack(request.victim, request.x, labels, **keywords)
