"""Exact numbers: `8/255` stays a fraction and `1e-3` equals `0.001`.

A configuration's numbers decide digests, so they are kept as fractions from the YAML text to the recipe, and become
floating point only where a stage computes with them.
"""

from __future__ import annotations

from decimal import Decimal, InvalidOperation
from fractions import Fraction


def parse_exact(value: object) -> Fraction:
    """Turn 8, 0.001, "1e-3" or "8/255" into the fraction that its decimal text says.

    A float is read by its shortest decimal form (`repr`), which is what the user wrote.
    Raises ValueError for anything else, and for infinities and NaN.
    """
    if isinstance(value, bool):
        raise ValueError("a number was expected, not true/false")
    if isinstance(value, Fraction | int):
        return Fraction(value)
    if isinstance(value, float):
        value = repr(value)
    if isinstance(value, str):
        above, slash, below = value.partition("/")
        try:
            result = Fraction(Decimal(above.strip()))
            return result / Fraction(Decimal(below.strip())) if slash else result
        except (InvalidOperation, ValueError, OverflowError, ZeroDivisionError):
            pass
    raise ValueError(f"{value!r} is not a number (write 0.031, 1e-3 or 8/255)")


def to_text(value: Fraction) -> str:
    """The one text of a number: `8/255`, `1/1000`, `3`."""
    return str(value)


def to_value(value: object) -> object:
    """A recipe's parameter as Python has it: exact numbers become floats, in lists too; all else stays as it is."""
    if isinstance(value, list | tuple):
        return [to_value(each) for each in value]
    if value is None or isinstance(value, bool | int):
        return value
    try:
        return to_float(value)
    except ValueError:
        return value


def to_float(text: str | int | float | Fraction) -> float:
    """The floating-point value of a recipe's exact number."""
    return float(parse_exact(text))
