"""Run the attack that a recipe names, with its exact numbers as floating-point ones."""

from __future__ import annotations

from types import ModuleType

from torch import Tensor, nn

from workflow_scripts.attacks.batches import AttackResult
from workflow_scripts.models.classifier import import_named
from workflow_scripts.recipes.exact_numbers import to_float


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


def _value(value: object) -> object:
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
    return attack_module(parameters["attack"]).attack(
        victim,
        x,
        y,
        **settings_of(parameters),
        pixel_range=pixel_range_of(parameters),
        seed=parameters["seed"],
        indices=indices,
        **more,
    )
