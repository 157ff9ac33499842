"""Labels of artifacts, made from what recipes say: equal recipes have equal labels, whatever their entries' names.

The names of the configuration's entries are in a recipe's title.
"""

from __future__ import annotations

import re

from workflow_scripts.recipes.recipe import Recipe


def short_label(label: str) -> str:
    """A label of at most 80 characters, as recipes have them."""
    return label[:80].rstrip("-.")


def victim_label(model: Recipe) -> str:
    """A model in a label: `good_init-s0`, `robust-resnet18-s1`, `compressed-good_init-s0`, `pretrained-resnet50`."""
    return model.label if model.kind == "model" else f"{model.kind.removesuffix('_model')}-{model.label}"


def attack_label(attack: str) -> str:
    """An attack in a label: `pgd`, `foolbox-l2deepfoolattack`, `mylab.steps-far`."""
    return re.sub(r"[^a-z0-9_.]+", "-", attack.lower()).strip("-.")


def measured_label(made: str, model: Recipe) -> str:
    """The label of a measurement in a model: that of the measured set, and the model where it was not the victim."""
    victim = victim_label(model)
    return made if made.startswith(f"{victim}-") else f"{made}-on-{victim}"


def images_shown(images: dict | None, *made: Recipe | None) -> str:
    """What a measurement looks at: clean images of a split, or what attacks made."""
    first, *more = [each.title for each in made if each is not None] or [f"clean {images['split']} images"]
    return f"{first} and {len(more)} more" if more else first
