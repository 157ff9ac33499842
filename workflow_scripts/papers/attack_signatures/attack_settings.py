"""The settings of attacks as text, from the exact numbers of their configurations."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from workflow_scripts.recipes.exact_numbers import parse_exact
from workflow_scripts.rendering.names import display_name

SYMBOLS = {
    "epsilon": "ε",
    "alpha": "α",
    "confidence": "κ",
    "learning_rate": "learning rate",
    "size": "patch side",
    "binary_search_steps": "binary search steps",
    "initial_const": "c",
    "const": "c",
}
ORDER = (
    "epsilon",
    "alpha",
    "size",
    "initial_const",
    "const",
    "learning_rate",
    "confidence",
    "steps",
    "binary_search_steps",
    "candidates",
    "overshoot",
)
"""The order of the settings in the text; others follow by name."""
RANGE_NOTE = (
    "ε, α and learning rates are for pixel values in [0, 1] unless another range is given; the learning rate of C&W ℓ₂ "
    "is Adam's in tanh space."
)
"""Below tables of settings."""
LEFT_OUT = ("attack", "pixel_range", "stop_at_success", "random_start", "refine")


def settings_text(configurations: Sequence[dict]) -> str:
    """`ε ∈ {4/255, 8/255}, steps 100`: every setting once; values that differ between configurations are a set.

    Each configuration has an `attack` and a `pixel_range`, the range of pixel values that its numbers are for. Where
    the configurations are of several attacks, each attack's settings follow its name.
    """
    attacks: dict[tuple, list[dict]] = {}
    for configuration in configurations:
        key = configuration["attack"], *map(_text, configuration["pixel_range"])
        attacks.setdefault(key, []).append(configuration)
    texts = []
    for (attack, low, high), own in attacks.items():
        text = _of_one_attack(own) + ("" if (low, high) == ("0", "1") else f", in [{low}, {high}]")
        texts.append(f"{display_name(attack)}: {text}" if len(attacks) > 1 else text)
    return "; ".join(texts)


def _of_one_attack(configurations: Sequence[dict]) -> str:
    parts = []
    for key in sorted(configurations[0], key=lambda key: (ORDER.index(key) if key in ORDER else len(ORDER), key)):
        values = list(dict.fromkeys(_text(c[key]) for c in configurations if key in c))
        if key in LEFT_OUT:
            continue
        name = SYMBOLS.get(key, key.replace("_", " "))
        parts.append(f"{name} ∈ {{{', '.join(values)}}}" if len(values) > 1 else f"{name} {values[0]}")
    return ", ".join(parts)


def _text(value: object) -> str:
    """A number in its usual form: 8-bit levels as 24/255, 1/100 as 0.01."""
    try:
        number = parse_exact(value)
    except ValueError:
        return str(value)
    if number.denominator == 1:
        return str(number.numerator)
    if number.denominator not in (1, 5) and (number * 255).denominator == 1:
        return f"{number * 255}/255"
    decimal = f"{float(number):.10g}"
    return decimal if Fraction(decimal) == number else str(number)
