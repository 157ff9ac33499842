"""Attacks of other libraries, functions of one's own, and images that exist already."""

from __future__ import annotations

import re
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator, model_validator

from workflow_scripts.configuration.schema.attack_base import TARGET, Attack, Target
from workflow_scripts.configuration.schema.base import InvalidKey, NonNegative, parameter

LIBRARIES = {
    "foolbox": "foolbox.attacks",
    "torchattacks": "torchattacks",
    "art": "art.attacks.evasion",
    "adv_lib": "adv_lib.attacks",
}
"""Libraries that are known by name, and their modules of attacks."""
BUDGET_KEYWORDS = ("eps", "epsilon", "ε")
"""The keywords by which attacks of libraries take their budget."""
_CALLABLE = re.compile(r"[^\W\d][\w.]*:[^\W\d]\w*")


def _parameters(value: object) -> object:
    """A keyword's value as in an attack of one's own, or a list of such values."""
    return [_parameters(each) for each in value] if isinstance(value, list) else parameter(value)


LibraryParameter = Annotated[
    Any, BeforeValidator(_parameters), WithJsonSchema({"type": ["number", "string", "boolean", "null", "array"]})
]
"""What an attack of a library may be given by keyword."""


class Bounded(Attack):
    """Keys of what other programs attack with: the budget that their images are checked against."""

    epsilon: NonNegative | None = Field(
        None,
        description="budget in `norm`, in units of `pixel_range`, which the attack gets, and its images are "
        "checked for; null: as `parameters` say, or none",
    )
    norm: Literal["linf", "l2", "l0"] | None = Field(
        None, description="the norm of the budget; null: there is none, and distortions are reported in L2"
    )
    clip: bool = Field(
        False, description="move images that left the budget or [0, 1] back; false: only count them in the metrics"
    )

    def settings(self) -> dict:
        """What differs from the defaults, so that a further key changes no recipe."""
        free = {
            key: part for key, part in type(self).model_fields.items() if key not in (*Attack.model_fields, "attack")
        }
        return {key: getattr(self, key) for key, part in free.items() if getattr(self, key) != part.default}


class ExternalAttack(Bounded):
    """An attack of another library, or a function of your own that returns images."""

    attack: Annotated[str, WithJsonSchema({"type": "string", "pattern": f"^{_CALLABLE.pattern}$"})] = Field(
        description="`foolbox:NAME`, `torchattacks:NAME`, `art:NAME`, `adv_lib:NAME`, or `package.module:function` of "
        "an installed package or of execution.code"
    )
    parameters: dict[str, LibraryParameter] = Field(
        {}, description="its own keywords, for images in [0, 1]; numbers may be fractions"
    )
    target: Target = TARGET

    @field_validator("attack")
    @classmethod
    def _named(cls, attack: str) -> str:
        if not _CALLABLE.fullmatch(attack):
            raise ValueError(
                f"{attack!r} must be library:NAME, such as foolbox:L2DeepFoolAttack, or package.module:NAME"
            )
        return attack

    @model_validator(mode="after")
    def _one_budget(self) -> ExternalAttack:
        given = [key for key in BUDGET_KEYWORDS if key in self.parameters]
        if given and self.epsilon is not None:
            raise InvalidKey("epsilon", f"parameters.{given[0]} gives a budget too: leave one of the two out")
        if (given or self.epsilon is not None) and self.norm is None:
            raise InvalidKey("norm", "is missing: say in which norm the budget counts (linf, l2 or l0)")
        return self


class FromFile(Bounded):
    """Adversarial images that exist already, whatever made them."""

    attack: Literal["from_file"] = Field(description="the attack")
    path: str = Field(
        min_length=1,
        description="an .npz file of `x_adv` (N, C, H, W) and `index` (N,), or a folder of PNGs named by their index, "
        "relative to execution.data; an index is the image's position in its split",
    )

    @model_validator(mode="after")
    def _norm_of_the_budget(self) -> FromFile:
        if self.epsilon is not None and self.norm is None:
            raise InvalidKey("norm", "is missing: say in which norm the budget counts (linf, l2 or l0)")
        return self

    def settings(self) -> dict:
        return {key: value for key, value in super().settings().items() if key != "path"}
