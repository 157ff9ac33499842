"""What the captions of this study's tables and figures say of their images, trainings, intervals and estimates."""

from __future__ import annotations

import re

from workflow_scripts.configuration.schema.studies import InformationFlow
from workflow_scripts.planning.studies.publications import Publications
from workflow_scripts.recipes.recipe import Input

BANDS = "Bands are 95% credible intervals of the Gaussian process."
OTHER = {"plug_in": "corrected", "corrected": "plug_in"}
_ESTIMATES = {
    "plug_in": "Mutual information is the plug-in estimate, of which chance is a part.",
    "corrected": "Mutual information is corrected for chance: the plug-in estimate minus its expectation when the "
    "positions of maps are permuted at random.",
}


def caption(study: InformationFlow, text: str, seeds: list[int], estimate: str | None = None) -> str:
    """The text, followed by the numbers of images and trainings and, where it is not the paper's, the estimate."""
    trainings = "in this training" if len(seeds) == 1 else f"in these {len(seeds)} trainings"
    parts = [
        text,
        f"Measured {trainings}, on {study.profile_images} training images as normal inputs and the attacked ones of "
        f"{study.images} test images.",
    ]
    if (estimate or study.information) != "plug_in":
        parts.append(_ESTIMATES["corrected"])
    return " ".join(parts)


def publish_paths(
    publications: Publications,
    study: InformationFlow,
    name: str,
    text: str,
    inputs: list[Input],
    *,
    renderer: str,
    seed: int,
    **parameters,
) -> None:
    """A figure of paths of one training, and beside a numbered one `controls_<name>`, that of the other estimate."""
    shown = caption(study, text, [seed])
    publications.figure(name, shown, inputs, renderer=renderer, information=study.information, **parameters)
    if re.fullmatch(r"figure_\d+", name):
        other = OTHER[study.information]
        words = f"Control of {name.replace('_', ' ')}. {text} {_ESTIMATES[other] if other == 'plug_in' else ''}".strip()
        shown = caption(study, words, [seed], other)
        publications.figure(f"controls_{name}", shown, inputs, renderer=renderer, information=other, **parameters)
