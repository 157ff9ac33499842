"""An attack that is a plain function: `function(model, x, y, **parameters)` returns the attacked images."""

from __future__ import annotations

import importlib

from torch import Tensor

from workflow_scripts.attacks.libraries.request import Request


def generate(request: Request) -> Tensor:
    """What the function `package.module:function` returns (N, C, H, W).

    Of the keywords `seed`, `targets` and the budget's, it gets those that its signature names.
    """
    module, _, name = request.name.partition(":")
    function = getattr(importlib.import_module(module), name)
    targets = {} if request.targets is None else {"targets": request.targets}
    return function(request.victim, request.x, request.y, **request.keywords(function, seed=request.seed, **targets))
