"""The claims of a paper, as they enter the recipe of the findings table."""

from __future__ import annotations

import json

from workflow_scripts.configuration.load import ConfigurationError, read_yaml
from workflow_scripts.recipes.fingerprint import ROOT

FOLDER = ROOT / "config" / "findings"
REQUIRED = {"finding", "claim", "source", "effect", "statistic", "control"}
OPTIONAL = {"arguments", "published", "margin", "why"}
WITHOUT_CONTROL = "none"
FINDINGS_CAPTION = (
    "The claims that the paper makes in words, and what was measured. A claim is supported where the 95% bootstrap "
    "interval of its effect lies above zero, not supported where it lies below, and undecided where it contains zero. "
    "The interval reflects the choice of what it is over, images mostly, and not that of trainings."
)
SURVIVAL_CAPTION = (
    "The same claims beyond their controls. Beyond is the effect minus that of its control on the same images, or, for "
    "chance, the effect measured on information beyond chance. It survives where its 95% bootstrap interval over "
    "images lies above zero; where the interval lies below a margin fixed beforehand it is no more than its control. "
    "After Holm: the verdict as published with Holm's correction for the number of claims."
)


def paper_claims(study: str, *, with_effects: bool = True) -> str:
    """The content of `config/findings/<study>.yaml` as JSON text, so that the recipe itself contains it.

    A list of claims: `finding` (its name), `claim` (what the paper says, in our words), `source` (where it says so),
    `effect` (what is measured, with its unit), `statistic` (the function that measures it), `control` (see
    `papers/survival.py`) with its `margin` or, for none, `why`, and optionally `arguments` of the function and the
    `published` effect, which is left out unless `with_effects`. Raises ConfigurationError, in one line, for a claim
    with other keys.
    """
    path = FOLDER / f"{study}.yaml"
    claims = read_yaml(path)
    for index, claim in enumerate(claims):
        needed = REQUIRED | {"why" if claim.get("control") == WITHOUT_CONTROL else "margin"}
        missing, unknown = needed - set(claim), set(claim) - REQUIRED - OPTIONAL
        if missing or unknown:
            wrong = f"lacks {', '.join(sorted(missing))}" if missing else f"has {', '.join(sorted(unknown))}"
            raise ConfigurationError(
                f"{path.name}: [{index}] {wrong}; its keys are {', '.join(sorted(REQUIRED | OPTIONAL))}"
            )
    if not with_effects:
        claims = [{key: value for key, value in claim.items() if key != "published"} for claim in claims]
    return json.dumps(claims, sort_keys=True)
