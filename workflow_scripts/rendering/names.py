"""Names of a configuration as a reader wants them."""

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
    """A configuration's name as a reader wants it: `adaptive_jsma` is adaptive JSMA, `linf` is ℓ∞.

    A text that is no such name (lower-case letters, digits and underscores) comes back as it is.
    """
    if not re.fullmatch(r"[a-z0-9_]*[a-z0-9][a-z0-9_]*", name):
        return name
    words = name.replace("carlini_wagner", "C&W").replace("_", " ").split()
    return " ".join(_WORDS.get(word, word) for word in words)
