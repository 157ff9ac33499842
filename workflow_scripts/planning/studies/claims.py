"""The claims of a paper, as they go into the findings table's recipe."""

from __future__ import annotations

import json

from workflow_scripts.configuration.load import ConfigurationError, read_yaml
from workflow_scripts.recipes.fingerprint import ROOT

FOLDER = ROOT / "config" / "findings"
REQUIRED = {"finding", "claim", "source", "effect", "statistic"}
OPTIONAL = {"arguments", "published"}
CAPTION = (
    "What the paper states in words, and what was measured: supported where the 95% bootstrap interval of the effect "
    "lies above zero, not supported where it lies below, undecided where it holds zero. An interval says what other "
    "images would change, not what other trainings would."
)


def claims_of(study: str) -> str:
    """The content of `config/findings/<study>.yaml` as JSON text, so that the recipe itself holds it.

    A list of claims: `finding` (its name), `claim` (the paper's, in our words), `source` (where it says so), `effect`
    (what is measured, with its unit), `statistic` (the function that measures it), optionally `arguments` of that
    function and the `published` effect. ConfigurationError, one line, for a claim with other keys.
    """
    path = FOLDER / f"{study}.yaml"
    claims = read_yaml(path)
    for index, claim in enumerate(claims):
        missing, unknown = REQUIRED - set(claim), set(claim) - REQUIRED - OPTIONAL
        if missing or unknown:
            wrong = f"lacks {', '.join(sorted(missing))}" if missing else f"has {', '.join(sorted(unknown))}"
            raise ConfigurationError(
                f"{path.name}: [{index}] {wrong}; its keys are {', '.join(sorted(REQUIRED | OPTIONAL))}"
            )
    return json.dumps(claims, sort_keys=True)
