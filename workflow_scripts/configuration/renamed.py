"""Keys and values of earlier versions of the schema, and what they are called now."""

from __future__ import annotations

from pydantic import BaseModel

KEYS = {
    ("Attack", "space"): "pixel_range",
    ("CarliniWagnerL2", "c"): "initial_const",
    ("CarliniWagnerL2", "binary_steps"): "binary_search_steps",
    ("CarliniWagnerLinf", "c"): "const",
    ("Execution", "most_hours"): "max_hours",
    ("Model", "initial_weights"): "pretrained_weights",
    ("Trajectory", "most_frames"): "max_frames",
    ("LocalProperties", "pictures"): "example_images",
    ("AttackSignatures", "grids"): "datasets",
    ("AttackSignatures", "part_size"): "shard_size",
    ("AttackSignatures", "part_work"): "max_shard_hours",
    ("AttackSignatures", "profiled"): "saliency_attacks",
    ("Saliency", "compared"): "comparison_images",
    ("Saliency", "pictures"): "example_images",
}
"""(section class, or a class that it inherits from; old key) → new key."""
NOTES = {("AttackSignatures", "part_work"): " and divide its value by 21, as it counts in hours now"}
"""What has to change beside the name."""
VALUES = {
    ("Training", "optimizer", "sgd"): "sgd_nesterov",
    ("Training", "optimizer", "plain_sgd"): "sgd_torch",
}
"""(section class, key, old value) → new value."""


def renamed_key(section: type[BaseModel], key: str) -> str | None:
    """The present name of an old key of a section, or None where the key is no old one."""
    return next((KEYS[base.__name__, key] for base in section.__mro__ if (base.__name__, key) in KEYS), None)


def rename_advice(section: type[BaseModel], key: str) -> str | None:
    """What to tell a user of an old key, or None where the key is no old one."""
    new = renamed_key(section, key)
    if new is None:
        return None
    note = next((NOTES[base.__name__, key] for base in section.__mro__ if (base.__name__, key) in NOTES), "")
    return f"is called {new} now: rename it{note}"


def renamed_value(section: type[BaseModel], key: str, value: object) -> str | None:
    """The present name of an old value of a key, or None where the value is no old one."""
    return VALUES.get((section.__name__, key, value)) if isinstance(value, str) else None
