"""Attacks: an algorithm and its settings per entry; defaults are the published settings where the papers give them."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Discriminator, Field, Tag, WithJsonSchema

from workflow_scripts.configuration.schema.attack_base import TARGET, Attack, Target
from workflow_scripts.configuration.schema.base import (
    Count,
    NonNegative,
    NonZero,
    Parameter,
    Positive,
    Share,
)
from workflow_scripts.configuration.schema.external_attacks import ExternalAttack, FromFile


class Gaussian(Attack):
    """A control: white noise with the L2 norm of each of another attack's perturbations."""

    attack: Literal["gaussian"] = Field(description="the control")
    like: str = Field(description="an entry of attacks, whose perturbations it imitates")


class Shuffled(Attack):
    """A control: another attack's own perturbations with their pixels in a random order."""

    attack: Literal["shuffled"] = Field(description="the control")
    like: str = Field(description="an entry of attacks, whose perturbations it imitates")


Control = Gaussian | Shuffled


class RandomSigns(Attack):
    """±epsilon with random signs, which any attack has to beat."""

    attack: Literal["random_signs"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget, in units of `pixel_range`")


class Fgsm(Attack):
    """Fast gradient sign method (information_flow paper, equation 1)."""

    attack: Literal["fgsm"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="budget in `norm`, in units of `pixel_range`")
    norm: Literal["linf", "l2"] = Field("linf", description="the norm of `epsilon`")
    target: Target = TARGET


class Igsm(Attack):
    """Iterative gradient sign method (equation 2)."""

    attack: Literal["igsm"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget, in units of `pixel_range`")
    alpha: Positive = Field(description="step size, in units of `pixel_range`")
    steps: Count = Field(description="steps at most")
    stop_at_success: bool = Field(True, description="an image is finished at its first success")
    target: Target = TARGET


class Pgd(Attack):
    """Projected gradient descent in a ball (Madry et al. 2018)."""

    attack: Literal["pgd"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="budget in `norm`, in units of `pixel_range`")
    alpha: Positive = Field(description="step size in `norm`, in units of `pixel_range`")
    steps: Count = Field(description="steps at most")
    random_start: bool = Field(True, description="start at a random point of the ball")
    stop_at_success: bool = Field(False, description="an image is finished at its first success")
    norm: Literal["linf", "l2"] = Field("linf", description="the norm of `epsilon` and `alpha`")
    target: Target = TARGET


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
    target: Target = TARGET


class CarliniWagnerLinf(Attack):
    """Carlini & Wagner's objective within an L∞ ball (attack_signatures paper, Table 2)."""

    attack: Literal["carlini_wagner_linf"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget, in units of `pixel_range`")
    confidence: NonNegative = Field("0", description="κ, in logits")
    learning_rate: Positive = Field("5e-3", description="Adam's step size, in units of `pixel_range`")
    const: Positive = Field("5", description="weight of the margin against the squared perturbation")
    steps: Count = Field(100, description="Adam's steps")
    target: Target = TARGET


class Patch(Attack):
    """Projected gradient ascent within a patch at a random place (attack_signatures paper, section 3.2)."""

    attack: Literal["patch"] = Field(description="the attack")
    epsilon: NonNegative = Field(description="L∞ budget within the patch, in units of `pixel_range`")
    size: Count = Field(description="side of the patch in pixels")
    alpha: Positive = Field("1/100", description="step size, in units of `pixel_range`")
    steps: Count = Field(100, description="steps")


_BUILT_IN = (
    Gaussian,
    Shuffled,
    RandomSigns,
    Fgsm,
    Igsm,
    Pgd,
    Jsma,
    DeepFool,
    CarliniWagnerL2,
    CarliniWagnerLinf,
    Patch,
)
BUILT_IN_NAMES = tuple(get_args(part.model_fields["attack"].annotation)[0] for part in _BUILT_IN)
OWN, EXTERNAL, FROM_FILE = "own", "external", "from_file"
"""Tags of attacks that are not built in: a module of one's own, a callable, and images that exist already."""
TAGS = (*BUILT_IN_NAMES, OWN, EXTERNAL, FROM_FILE)


_OWN_NAME = {"type": "string", "not": {"enum": [*BUILT_IN_NAMES, FROM_FILE]}, "pattern": "^[^:]*$"}


class OwnAttack(Attack):
    """An attack of your own: a module of workflow_scripts/attacks with a function `attack`."""

    attack: Annotated[str, WithJsonSchema(_OWN_NAME)] = Field(description="the module's name")
    parameters: dict[str, Parameter] = Field(
        {}, description="keywords of its function `attack`; numbers may be fractions"
    )

    def settings(self) -> dict:
        return dict(self.parameters)


def _tag(entry: Any) -> str:
    name = entry.get("attack") if isinstance(entry, dict) else getattr(entry, "attack", None)
    if isinstance(name, str) and (name in BUILT_IN_NAMES or name == FROM_FILE):
        return name
    return EXTERNAL if isinstance(name, str) and ":" in name else OWN


AnyAttack = Annotated[
    Annotated[Gaussian, Tag("gaussian")]
    | Annotated[Shuffled, Tag("shuffled")]
    | Annotated[RandomSigns, Tag("random_signs")]
    | Annotated[Fgsm, Tag("fgsm")]
    | Annotated[Igsm, Tag("igsm")]
    | Annotated[Pgd, Tag("pgd")]
    | Annotated[Jsma, Tag("jsma")]
    | Annotated[DeepFool, Tag("deepfool")]
    | Annotated[CarliniWagnerL2, Tag("carlini_wagner_l2")]
    | Annotated[CarliniWagnerLinf, Tag("carlini_wagner_linf")]
    | Annotated[Patch, Tag("patch")]
    | Annotated[OwnAttack, Tag(OWN)]
    | Annotated[ExternalAttack, Tag(EXTERNAL)]
    | Annotated[FromFile, Tag(FROM_FILE)],
    Discriminator(_tag),
]
"""A built-in attack with its own keys, or an attack of the user's own with free `parameters`."""
