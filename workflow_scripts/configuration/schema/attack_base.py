"""What every attack's section has."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from workflow_scripts.configuration.schema.base import Exact, Section

ControlKind = Literal["shuffled", "gaussian"]
"""Perturbations of an attack's size that know nothing of the model."""
TARGETS = ("none", "runner_up", "least_likely", "next")


def _target(value: object) -> object:
    number = isinstance(value, int) and not isinstance(value, bool) and value >= 0
    if not number and value not in TARGETS:
        raise ValueError(f"must be {', '.join(TARGETS)} or a class's number, not {value!r}")
    return value


Target = Annotated[
    Any,
    BeforeValidator(_target),
    WithJsonSchema({"anyOf": [{"enum": list(TARGETS)}, {"type": "integer", "minimum": 0}]}),
]
"""The class that an attack is to reach."""
TARGET = Field(
    "none",
    description="the class that images are to be given: any wrong one (none), the runner_up, the least_likely, the "
    "next (label + 1), or a class's number (its own images get the runner-up); success stays any wrong class",
)
_LATER = {"target": "none", "norm": "linf"}
"""Keys that came later, with the values at which recipes leave them out."""


class Attack(Section):
    """Keys of every attack."""

    pixel_range: tuple[Exact, Exact] = Field(
        ("0", "1"), description="range of pixel values in which settings and distances count: [0, 1] or [-1, 1]"
    )
    quantisation: Literal["none", "round", "truncate"] = Field(
        "none", description="save the attacked images in 8 bits, rounded or truncated; success is measured after it"
    )

    @field_validator("pixel_range")
    @classmethod
    def _range(cls, pixel_range: tuple) -> tuple:
        if pixel_range[0] >= pixel_range[1]:
            raise ValueError(f"must be [low, high] with low < high, not [{pixel_range[0]}, {pixel_range[1]}]")
        return pixel_range

    def settings(self) -> dict:
        """What a recipe calls the attack with."""
        given = self.model_dump(exclude={*Attack.model_fields, "attack"})
        return {key: value for key, value in given.items() if key not in _LATER or value != _LATER[key]}
