"""How many passes through the victim an attack takes for one image, at most or, where it ends early, usually."""

from __future__ import annotations

import math
from collections.abc import Mapping

from workflow_scripts.planning.resources.images import Images
from workflow_scripts.recipes.exact_numbers import to_float

MEASURING = 3
"""Forward passes of every image: before the attack, after it, and once more from what was stored."""
JSMA_TAKEN, REFINED_TAKEN = 0.25, 0.15
"""Shares of JSMA's iterations and of a refined C&W's steps that are taken, as an input ends at its success; on CIFAR-10
it was 0.16 and 0.07."""
DEEPFOOL_STEPS = 10
"""DeepFool's, of those allowed; on CIFAR-10 it took 2.5."""
UNTOLD_STEPS = 100
"""Of an attack of the user's own that has no parameter `steps`."""


def passes(attack: str, settings: Mapping[str, object], images: Images) -> float:
    """Forward passes for one image, a backward pass by the image counting as another one."""
    return MEASURING + _taken(attack, settings, images)


def _taken(attack: str, settings: Mapping[str, object], images: Images) -> float:
    steps = settings.get("steps", UNTOLD_STEPS)
    if attack == "random_signs":
        return 0
    if attack == "fgsm":
        return 2
    if attack == "jsma":
        iterations = math.floor(images.values * to_float(settings["gamma"]) / 2 + 1e-9)
        targets = images.classes - 1 if settings["targets"] == "all" else 1
        return 2 + 3 * iterations * targets * JSMA_TAKEN
    if attack == "deepfool":
        return min(steps, DEEPFOOL_STEPS) * (1 + min(settings["candidates"], images.classes))
    if attack == "carlini_wagner_l2":
        return 2 * settings["binary_search_steps"] * steps * (REFINED_TAKEN if settings["refine"] else 1)
    return 2 * _whole(steps, UNTOLD_STEPS) * _whole(settings.get("binary_search_steps"), 1)


def _whole(value: object, otherwise: int) -> int:
    """A setting that is a whole number; an attack of the user's own may mean something else by the name."""
    return value if isinstance(value, int) and not isinstance(value, bool) else otherwise
