"""What Tables 2 and 4 share: the images on which an attack succeeded, and those on which it failed."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.papers.local_properties.response_differences import differences_by_seed, outcome_masks
from workflow_scripts.papers.local_properties.response_differences_table import Group
from workflow_scripts.rendering.table import Key

OUTCOME_KEY = Key("outcome", "Attack")


def successful_and_failed_groups(inputs: Inputs, attack: str, model: str) -> dict[str, Group]:
    """The two groups of images of an attack on a model, measured in that model."""
    by_seed = differences_by_seed(inputs, attack=attack, victim=model, model=model)
    return {
        outcome: [(differences, outcome_masks(differences)[outcome]) for differences in by_seed]
        for outcome in ("successful", "failed")
    }
