"""Base class and value types of the schema."""

from __future__ import annotations

import datetime
import re
from fractions import Fraction
from typing import Annotated, Any

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from workflow_scripts.recipes.exact_numbers import parse_exact, to_text


class Section(BaseModel):
    """A section of the configuration: immutable, and unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


class InvalidKey(ValueError):
    """A key whose value does not fit the rest of its section; `key` is its path within the section."""

    def __init__(self, key: str, text: str):
        super().__init__(text)
        self.key = key


_HUGE_EXPONENT = re.compile(r"[eE][-+]?\d{4,}")
_DECIMAL = r"(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"


def _exact(value: object) -> Fraction:
    """The exact number; ValueError with a text for the user where it is none."""
    if value is None:
        raise ValueError("must be a number, not null")
    if isinstance(value, str) and _HUGE_EXPONENT.search(value):
        raise ValueError(f"{value!r} is beyond floating point")
    try:
        result = parse_exact(value)
    except ValueError:
        if isinstance(value, str) and "/" in value and _is_zero(value.partition("/")[2]):
            raise ValueError(f"{value!r} divides by zero") from None
        raise
    try:
        float(result)
    except OverflowError:
        raise ValueError(f"{value!r} is beyond floating point") from None
    return result


def _is_zero(text: str) -> bool:
    try:
        return parse_exact(text) == 0
    except ValueError:
        return False


def _at_least_zero(value: Fraction) -> Fraction:
    if value < 0:
        raise ValueError(f"must be at least 0, not {to_text(value)}")
    return value


def _above_zero(value: Fraction) -> Fraction:
    if value <= 0:
        raise ValueError(f"must be above 0, not {to_text(value)}")
    return value


def _percentile(value: Fraction) -> Fraction:
    if not 0 <= value <= 100:
        raise ValueError(f"must lie in 0 … 100, not {to_text(value)}")
    return value


def _share(value: Fraction) -> Fraction:
    if not 0 <= value <= 1:
        raise ValueError(f"must lie in 0 … 1, not {to_text(value)}")
    return value


def _nonzero(value: Fraction) -> Fraction:
    if value == 0:
        raise ValueError("must not be 0")
    return value


def parameter(value: object) -> object:
    """A free parameter; floats, and text that is a number, become exact, so that 1e-1 equals 0.1."""
    if value is None or isinstance(value, bool | int | Fraction):
        return value
    if isinstance(value, float):
        return _exact(value)
    if isinstance(value, str):
        if re.fullmatch(r"[-+]?\d+", value):
            return int(value)
        return _exact(value) if re.fullmatch(rf"\s*[-+]?{_DECIMAL}\s*(/.*)?", value) else value
    raise ValueError(f"{value!r} is not a number, true or false, text or null")


def _number_or_flag(value: object) -> object:
    result = parameter(value)
    if result is None or isinstance(result, str):
        raise ValueError(f"{value!r} is not a number, true or false")
    return result


def _keyword(value: object) -> object:
    """A keyword of a network's callable: a free parameter, or a list of them."""
    return [_keyword(each) for each in value] if isinstance(value, list | tuple) else parameter(value)


def _label(value: object) -> object:
    """Text; what YAML reads as a whole number or a date (`2`, `2025-01-31`) is converted to its text."""
    if isinstance(value, int | datetime.date) and not isinstance(value, bool):
        return str(value)
    return value


def _json(signed: bool = False, **limits: int) -> WithJsonSchema:
    sign = "[-+]?" if signed else "[+]?"
    pattern = rf"^\s*{sign}{_DECIMAL}\s*(/\s*[+]?{_DECIMAL}\s*)?$"
    return WithJsonSchema({"type": ["number", "string"], "pattern": pattern, **limits})


_as_text = PlainSerializer(to_text, when_used="json")
_FREE = ["number", "string", "boolean"]

Exact = Annotated[Fraction, BeforeValidator(_exact), _as_text, _json(signed=True)]
"""A number: 0.031, 1e-3 or 8/255."""
NonZero = Annotated[Fraction, BeforeValidator(_exact), AfterValidator(_nonzero), _as_text, _json(signed=True)]
NonNegative = Annotated[Fraction, BeforeValidator(_exact), AfterValidator(_at_least_zero), _as_text, _json(minimum=0)]
Positive = Annotated[
    Fraction, BeforeValidator(_exact), AfterValidator(_above_zero), _as_text, _json(exclusiveMinimum=0)
]
Share = Annotated[Fraction, BeforeValidator(_exact), AfterValidator(_share), _as_text, _json(minimum=0, maximum=1)]
Percentile = Annotated[
    Fraction, BeforeValidator(_exact), AfterValidator(_percentile), _as_text, _json(minimum=0, maximum=100)
]
Count = Annotated[int, Field(ge=1, strict=True)]
Seed = Annotated[int, Field(ge=0, strict=True)]
Natural = Annotated[int, Field(ge=0, strict=True)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A name that the user gives: lower-case letters, digits and underscores."""
Label = Annotated[str, BeforeValidator(_label), Field(min_length=1)]
Parameter = Annotated[Any, BeforeValidator(parameter), WithJsonSchema({"type": [*_FREE, "null"]})]
"""What an attack's function may be given by keyword."""
Keyword = Annotated[Any, BeforeValidator(_keyword), WithJsonSchema({"type": [*_FREE, "array", "null"]})]
"""What a network's callable may be given by keyword."""
NumberOrFlag = Annotated[Any, BeforeValidator(_number_or_flag), WithJsonSchema({"type": _FREE})]
"""What an architecture's build() may be given by keyword."""
