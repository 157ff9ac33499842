"""What every part of the schema is made of."""

from __future__ import annotations

from fractions import Fraction
from typing import Annotated

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from workflow_scripts.exact import canonical, parse_exact


class Part(BaseModel):
    """A section of the configuration: immutable, and an unknown key is an error."""

    model_config = ConfigDict(extra="forbid", frozen=True, validate_default=True)


_NUMBER_SCHEMA = {"type": ["number", "string"], "pattern": r"^\s*[-+0-9.eE]+\s*(/\s*[-+0-9.eE]+\s*)?$"}


def _at_least_zero(value: Fraction) -> Fraction:
    if value < 0:
        raise ValueError(f"must be at least 0, not {canonical(value)}")
    return value


def _above_zero(value: Fraction) -> Fraction:
    if value <= 0:
        raise ValueError(f"must be above 0, not {canonical(value)}")
    return value


def _share(value: Fraction) -> Fraction:
    if not 0 <= value <= 1:
        raise ValueError(f"must lie in 0 … 1, not {canonical(value)}")
    return value


Exact = Annotated[
    Fraction,
    BeforeValidator(parse_exact),
    PlainSerializer(canonical, when_used="json"),
    WithJsonSchema(_NUMBER_SCHEMA),
]
NonNegative = Annotated[Exact, AfterValidator(_at_least_zero)]
Positive = Annotated[Exact, AfterValidator(_above_zero)]
Share = Annotated[Exact, AfterValidator(_share)]
Count = Annotated[int, Field(ge=1, strict=True)]
Seed = Annotated[int, Field(ge=0, strict=True)]
Name = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
"""A name that the user gives: lower-case letters, digits and underscores."""
