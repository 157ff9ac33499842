"""Attacks: one entry a named attack; the published parameters are defaults where the papers give them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, model_validator

from workflow_scripts.schema.base import Count, Exact, NonNegative, Part, Positive, Share


class Attack(Part):
    """What every attack has."""

    space: tuple[Exact, Exact] = Field(("0", "1"), description="the range of pixel values in which the parameters count")
    quantisation: Literal["none", "round", "truncate"] = Field(
        "none", description="pass the images through 8 bits; success is then measured again"
    )

    @model_validator(mode="after")
    def _range(self) -> Attack:
        if self.space[0] >= self.space[1]:
            raise ValueError("space must be [low, high] with low < high")
        return self


class RandomSigns(Attack):
    """±epsilon with random signs: the floor that an attack has to beat."""

    attack: Literal["random_signs"]
    epsilon: NonNegative


class Fgsm(Attack):
    """Fast gradient sign method (information_flow paper, equation 1)."""

    attack: Literal["fgsm"]
    epsilon: NonNegative


class Igsm(Attack):
    """Iterative gradient sign method (equation 2)."""

    attack: Literal["igsm"]
    epsilon: NonNegative
    alpha: Positive = Field(description="step size")
    steps: Count
    stop_at_success: bool = True


class Pgd(Attack):
    """Projected gradient descent in the L∞ ball (Madry et al. 2018)."""

    attack: Literal["pgd"]
    epsilon: NonNegative
    alpha: Positive = Field(description="step size")
    steps: Count
    random_start: bool = True
    stop_at_success: bool = False


class Jsma(Attack):
    """Jacobian-based saliency map attack (Papernot et al. 2016)."""

    attack: Literal["jsma"]
    theta: Exact = Field(description="what is added to a changed feature")
    gamma: Share = Field(description="largest share of features changed")
    saliency: Literal["probabilities", "logits"] = "probabilities"
    temperature: Positive = Field("1", description="the logits are divided by it (adaptive attack on a distilled model)")
    targets: Literal["all", "single"] = Field("all", description="all wrong classes, or the most likely one alone")


class DeepFool(Attack):
    """DeepFool in L2 (Moosavi-Dezfooli et al. 2016)."""

    attack: Literal["deepfool"]
    candidates: Count = Field(10, description="classes considered")
    overshoot: NonNegative = "1/50"
    steps: Count = 50


class CarliniWagnerL2(Attack):
    """Carlini & Wagner's L2 attack (equation 3)."""

    attack: Literal["carlini_wagner_l2"]
    confidence: NonNegative = Field("0", description="κ")
    learning_rate: Positive = "1/100"
    c: Positive = Field("1/100", description="the first trade-off constant")
    binary_steps: Count = 9
    steps: Count = 200
    refine: bool = Field(True, description="shrink each success towards its image along the line between them")


class OwnAttack(Attack):
    """An attack of your own: a module of workflow_scripts/attacks with a function `attack`."""

    attack: str
    parameters: dict[str, Any] = Field({}, description="keywords of its function; numbers may be fractions")


_BUILT_IN = (RandomSigns, Fgsm, Igsm, Pgd, Jsma, DeepFool, CarliniWagnerL2)
BUILT_IN_NAMES = tuple(get_args(part.model_fields["attack"].annotation)[0] for part in _BUILT_IN)


def _tag(entry: Any) -> str:
    name = entry.get("attack") if isinstance(entry, dict) else getattr(entry, "attack", None)
    return name if name in BUILT_IN_NAMES else "own"


AnyAttack = Annotated[
    Annotated[RandomSigns, Tag("random_signs")]
    | Annotated[Fgsm, Tag("fgsm")]
    | Annotated[Igsm, Tag("igsm")]
    | Annotated[Pgd, Tag("pgd")]
    | Annotated[Jsma, Tag("jsma")]
    | Annotated[DeepFool, Tag("deepfool")]
    | Annotated[CarliniWagnerL2, Tag("carlini_wagner_l2")]
    | Annotated[OwnAttack, Tag("own")],
    Discriminator(_tag),
]
"""A built-in attack with its own keys, or one of the user's with free `parameters`."""
