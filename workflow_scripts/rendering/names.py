"""Display names: the configuration's names as they appear in tables and figures."""

from __future__ import annotations

import re

_WORDS = {
    "bim": "BIM",
    "deepfool": "DeepFool",
    "fgsm": "FGSM",
    "igsm": "IGSM",
    "jsma": "JSMA",
    "l0": "ℓ₀",
    "l1": "ℓ₁",
    "l2": "ℓ₂",
    "linf": "ℓ∞",
    "pgd": "PGD",
    "vgg": "VGG",
}


def display_name(name: str) -> str:
    """The display name of a configuration's name: `adaptive_jsma` becomes adaptive JSMA, `linf` ℓ∞.

    Other texts than names (lower-case letters, digits and underscores) are returned unchanged.
    """
    if not re.fullmatch(r"[a-z0-9_]*[a-z0-9][a-z0-9_]*", name):
        return name
    words = name.replace("carlini_wagner", "C&W").replace("_", " ").split()
    return " ".join(_WORDS.get(word, word) for word in words)
