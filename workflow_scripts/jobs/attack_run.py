"""Run the attack that a recipe names, with its exact numbers as floating-point ones."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from types import ModuleType

from torch import Tensor, nn

from workflow_scripts.attacks.batches import AttackResult
from workflow_scripts.models.classifier import import_named
from workflow_scripts.models.torchvision_operators import import_torchvision
from workflow_scripts.recipes.exact_numbers import to_float

FROM_FILE = "from_file"
"""The attack whose images exist already; it and `library:attack` are imported here by name, as recipes have them."""


def attack_module(name: str) -> ModuleType:
    """The module of an attack. Its NORM ("l0", "l2", "linf") is the norm in which it measures its own distortion."""
    return import_named("attacks", name)


def pixel_range_of(parameters: dict) -> tuple[float, float]:
    """The range of pixel values in which the attack's distances are given."""
    low, high = parameters["pixel_range"]
    return to_float(low), to_float(high)


def settings_of(parameters: dict) -> dict:
    """The attack's keywords: text that is a number becomes a float, everything else stays as it is."""
    return {key: _value(value) for key, value in parameters["settings"].items()}


def norm_of(parameters: dict) -> str:
    """The norm in which the attack's distortion is reported."""
    attack, given = parameters["attack"], parameters["settings"].get("norm")
    if given is None and ":" not in attack and attack != FROM_FILE:
        given = getattr(attack_module(attack), "NORM", None)
    return given or "l2"


def _called(parameters: dict) -> tuple[Callable[..., AttackResult], dict]:
    """The function that runs the attack, and its keywords."""
    attack, settings = parameters["attack"], settings_of(parameters)
    if attack == FROM_FILE:
        return importlib.import_module("workflow_scripts.attacks.from_file").run, settings
    if ":" not in attack:
        return attack_module(attack).attack, settings
    if attack.startswith("adv_lib:"):
        import_torchvision()  # adv_lib imports it
    return importlib.import_module("workflow_scripts.attacks.external").run, {"name": attack, **settings}


def _value(value: object) -> object:
    if isinstance(value, list):
        return [_value(each) for each in value]
    if isinstance(value, dict):
        return {key: _value(each) for key, each in value.items()}
    if isinstance(value, str):
        try:
            return to_float(value)
        except ValueError:
            return value
    return value


def run_attack(
    parameters: dict, victim: nn.Module, x: Tensor, y: Tensor, *, indices: list[int], **more
) -> AttackResult:
    """Attack `x` (N, C, H, W) in [0, 1] with labels `y` as the adversarial recipe's `parameters` say."""
    run, settings = _called(parameters)
    return run(
        victim,
        x,
        y,
        **settings,
        pixel_range=pixel_range_of(parameters),
        seed=parameters["seed"],
        indices=indices,
        **more,
    )
