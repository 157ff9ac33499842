"""Passes through the victim per attacked image: at most, or typically where an attack ends early."""

from __future__ import annotations

import math
from collections.abc import Mapping

from workflow_scripts.planning.resources.images import Images
from workflow_scripts.recipes.exact_numbers import to_float

MEASURING = 3
"""Forward passes per image beside the attack: before it, after it, and once more from the stored image."""
JSMA_SHARE, REFINED_SHARE = 0.25, 0.15
"""Share of the allowed iterations that JSMA, and C&W with `refine`, need until an image succeeds; measured on CIFAR-10:
0.16 and 0.07."""
DEEPFOOL_STEPS = 10
"""Steps of DeepFool, where more are allowed; measured on CIFAR-10: 2.5."""
DEFAULT_STEPS = 100
"""Steps of an attack of the user's own that has no parameter `steps`."""


def passes(attack: str, settings: Mapping[str, object], images: Images) -> float:
    """Forward passes per image; a backward pass to the image counts as another one."""
    return MEASURING + _attack_passes(attack, settings, images)


def _attack_passes(attack: str, settings: Mapping[str, object], images: Images) -> float:
    steps = settings.get("steps", DEFAULT_STEPS)
    if attack in ("random_signs", "gaussian", "shuffled", "from_file"):
        return 0
    if attack == "fgsm":
        return 2
    if attack == "jsma":
        iterations = math.floor(images.values * to_float(settings["gamma"]) / 2 + 1e-9)
        targets = images.classes - 1 if settings["targets"] == "all" else 1
        return 2 + 3 * iterations * targets * JSMA_SHARE
    if attack == "deepfool":
        return min(steps, DEEPFOOL_STEPS) * (1 + min(settings["candidates"], images.classes))
    if attack == "carlini_wagner_l2":
        return 2 * settings["binary_search_steps"] * steps * (REFINED_SHARE if settings["refine"] else 1)
    return 2 * _integer(steps, DEFAULT_STEPS) * _integer(settings.get("binary_search_steps"), 1)


def _integer(value: object, default: int) -> int:
    """An integer setting, or the default: an attack of the user's own may mean something else by the name."""
    return value if isinstance(value, int) and not isinstance(value, bool) else default
