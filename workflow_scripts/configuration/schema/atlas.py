"""The atlas: any models under any attacks and their controls, in all analyses."""

from __future__ import annotations

from pydantic import Field

from workflow_scripts.configuration.schema.attack_base import ControlKind
from workflow_scripts.configuration.schema.base import Count, Section, Seed


class Atlas(Section):
    """The atlas: every analysis over every model and attack."""

    models: list[str] = Field(min_length=1, description="entries of models of one data set; each one's first seed")
    attacks: list[str] = Field(min_length=1, description="entries of attacks, each on every model")
    controls: list[ControlKind] = Field(
        ["shuffled"], description="what attacks are compared with: the same perturbations shuffled, gaussian noise"
    )
    images: Count = Field(100, description="test images attacked")
    selection_seed: Seed = Field(0, description="seed of the choice of images")
    buckets: Count = Field(8, description="buckets per feature map of the information paths")
