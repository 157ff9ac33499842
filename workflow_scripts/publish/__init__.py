"""Tables and figures as a paper prints them: every measured value beside its published one.

Pure functions over plain values and arrays; nothing here imports torch or knows where artifacts are kept.
"""

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
