"""Attacks: an algorithm and its settings per entry; defaults are the published settings where the papers give them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, WithJsonSchema, field_validator

from workflow_scripts.configuration.schema.base import (
    Count,
    Exact,
    NonNegative,
    NonZero,
    Parameter,
    Positive,
    Section,
    Share,
)


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


class RandomSigns(Attack):
    """±epsilon with random signs, which any attack has to beat."""

    attack: Literal["random_signs"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget, in units of `pixel_range`")


class Fgsm(Attack):
    """Fast gradient sign method (information_flow paper, equation 1)."""

    attack: Literal["fgsm"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget, in units of `pixel_range`")


class Igsm(Attack):
    """Iterative gradient sign method (equation 2)."""

    attack: Literal["igsm"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget, in units of `pixel_range`")
    alpha: Positive = Field(description="step size, in units of `pixel_range`")
    steps: Count = Field(description="steps at most")
    stop_at_success: bool = Field(True, description="an image is finished at its first success")


class Pgd(Attack):
    """Projected gradient descent in the L∞ ball (Madry et al. 2018)."""

    attack: Literal["pgd"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget, in units of `pixel_range`")
    alpha: Positive = Field(description="step size, in units of `pixel_range`")
    steps: Count = Field(description="steps at most")
    random_start: bool = Field(True, description="start at a random point of the L∞ ball")
    stop_at_success: bool = Field(False, description="an image is finished at its first success")


class Jsma(Attack):
    """Jacobian-based saliency map attack (Papernot et al. 2016)."""

    attack: Literal["jsma"] = Field(description="the attack")
    theta: NonZero = Field(description="change of a feature, in units of `pixel_range`")
    gamma: Share = Field(description="largest share of features that are changed")
    saliency: Literal["probabilities", "logits"] = Field(
        "probabilities", description="what the saliency map differentiates"
    )
    temperature: Positive = Field(
        "1", description="the logits are divided by it, as in an adaptive attack on a distilled model"
    )
    targets: Literal["all", "single"] = Field("all", description="all wrong classes, or only the most likely one")


class DeepFool(Attack):
    """DeepFool in L2 (Moosavi-Dezfooli et al. 2016)."""

    attack: Literal["deepfool"] = Field(description="the attack")
    candidates: int = Field(10, ge=2, strict=True, description="classes considered")
    overshoot: NonNegative = Field("1/50", description="how far past the boundary, as a share of the way to it")
    steps: Count = Field(50, description="steps at most")


class CarliniWagnerL2(Attack):
    """Carlini & Wagner's L2 attack (equation 3, with the norm squared as its authors and CleverHans have it)."""

    attack: Literal["carlini_wagner_l2"] = Field(description="the attack")
    confidence: NonNegative = Field("0", description="κ, in logits")
    learning_rate: Positive = Field("1/100", description="Adam's step size")
    initial_const: Positive = Field("1/100", description="the first trade-off constant")
    binary_search_steps: Count = Field(9, description="trade-off constants tried per image")
    steps: Count = Field(200, description="Adam's steps per constant at most")
    refine: bool = Field(True, description="shrink each success towards its image, along the line between them")


class CarliniWagnerLinf(Attack):
    """Carlini & Wagner's objective within an L∞ ball (attack_signatures paper, Table 2)."""

    attack: Literal["carlini_wagner_linf"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget, in units of `pixel_range`")
    confidence: NonNegative = Field("0", description="κ, in logits")
    learning_rate: Positive = Field("5e-3", description="Adam's step size, in units of `pixel_range`")
    const: Positive = Field("5", description="weight of the margin against the squared perturbation")
    steps: Count = Field(100, description="Adam's steps")


class Patch(Attack):
    """Projected gradient ascent within a patch at a random place (attack_signatures paper, section 3.2)."""

    attack: Literal["patch"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget within the patch, in units of `pixel_range`")
    size: Count = Field(description="side of the patch in pixels")
    alpha: Positive = Field("1/100", description="step size, in units of `pixel_range`")
    steps: Count = Field(100, description="steps")


_BUILT_IN = (RandomSigns, Fgsm, Igsm, Pgd, Jsma, DeepFool, CarliniWagnerL2, CarliniWagnerLinf, Patch)
BUILT_IN_NAMES = tuple(get_args(part.model_fields["attack"].annotation)[0] for part in _BUILT_IN)
OWN = "own"
"""Tag of an attack that is not built in."""


class OwnAttack(Attack):
    """An attack of your own: a module of workflow_scripts/attacks with a function `attack`."""

    attack: Annotated[str, WithJsonSchema({"type": "string", "not": {"enum": list(BUILT_IN_NAMES)}})] = Field(
        description="the module's name"
    )
    parameters: dict[str, Parameter] = Field(
        {}, description="keywords of its function `attack`; numbers may be fractions"
    )


def _tag(entry: Any) -> str:
    name = entry.get("attack") if isinstance(entry, dict) else getattr(entry, "attack", None)
    return name if isinstance(name, str) and name in BUILT_IN_NAMES else OWN


AnyAttack = Annotated[
    Annotated[RandomSigns, Tag("random_signs")]
    | Annotated[Fgsm, Tag("fgsm")]
    | Annotated[Igsm, Tag("igsm")]
    | Annotated[Pgd, Tag("pgd")]
    | Annotated[Jsma, Tag("jsma")]
    | Annotated[DeepFool, Tag("deepfool")]
    | Annotated[CarliniWagnerL2, Tag("carlini_wagner_l2")]
    | Annotated[CarliniWagnerLinf, Tag("carlini_wagner_linf")]
    | Annotated[Patch, Tag("patch")]
    | Annotated[OwnAttack, Tag(OWN)],
    Discriminator(_tag),
]
"""A built-in attack with its own keys, or an attack of the user's own with free `parameters`."""
