"""Torchattacks' attacks (Kim 2020): `torchattacks.<name>(model, **parameters)`.

Its attacks that draw take their seed from the clock unless they are given one.
"""

from __future__ import annotations

import torchattacks
from torch import Tensor

from workflow_scripts.attacks.libraries.request import Request


def generate(request: Request) -> Tensor:
    """What the attack returns (N, C, H, W); `seed` and `n_classes` are filled in where it takes them."""
    made = getattr(torchattacks, request.name)
    keywords = request.keywords(made.__init__, seed=request.seed, n_classes=request.classes)
    attack = made(request.victim, **keywords)
    if request.targets is None:
        return attack(request.x, request.y)
    attack.set_mode_targeted_by_label(quiet=True)
    return attack(request.x, request.targets)
