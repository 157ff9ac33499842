"""An attack's settings in words, from the exact numbers of its configurations."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from workflow_scripts.exact import parse_exact

SYMBOLS = {
    "epsilon": "ε",
    "alpha": "α",
    "confidence": "κ",
    "learning_rate": "learning rate",
    "size": "patch side",
    "binary_steps": "binary search steps",
}
ORDER = (
    "epsilon",
    "alpha",
    "size",
    "c",
    "learning_rate",
    "confidence",
    "steps",
    "binary_steps",
    "candidates",
    "overshoot",
)
"""Settings in the order in which they are told; others follow by name."""
LEFT_OUT = ("stop_at_success", "random_start", "refine")


def settings_text(configurations: Sequence[dict]) -> str:
    """`ε ∈ {4/255, 8/255}, steps 100`: every setting once, those that differ between configurations as a set."""
    parts = []
    for key in sorted(configurations[0], key=lambda key: (ORDER.index(key) if key in ORDER else len(ORDER), key)):
        values = list(dict.fromkeys(_text(c[key]) for c in configurations))
        if key in LEFT_OUT:
            continue
        name = SYMBOLS.get(key, key.replace("_", " "))
        parts.append(f"{name} ∈ {{{', '.join(values)}}}" if len(values) > 1 else f"{name} {values[0]}")
    return ", ".join(parts)


def _text(value: object) -> str:
    """A number as people write it: levels of 8 bits as 24/255, 1/100 as 0.01."""
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
