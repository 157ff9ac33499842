"""The studies: which models, attacks and images each paper's lenses look at."""

from __future__ import annotations

from pydantic import Field

from workflow_scripts.schema.attack_signatures import AttackSignatures
from workflow_scripts.schema.base import Count, Part, Seed


class Trajectory(Part):
    """Figure 3: one input followed through the iterations of an attack."""

    attack: str = Field("jsma", description="one of the study's attacks that records its intermediate inputs")
    most_frames: Count = Field(40, description="at most so many intermediate inputs are measured, evenly spaced")


class InformationFlow(Part):
    """The information_flow study: Tables II, III, VII, VIII, X and Figures 1, 3, 4."""

    original: str = Field("good_init", description="the model of Tables II, III and X and Figures 1, 3 and 4")
    models: list[str] = Field(["good_init"], min_length=1, description="the models of Tables VII and VIII")
    attacks: list[str] = Field(min_length=1, description="the attacks on `original`, in the tables' order")
    path_attacks: list[str] = Field(min_length=1, description="the attacks of Table III and Figure 4, out of `attacks`")
    model_attacks: list[str] = Field(min_length=1, description="the attacks of Table VIII")
    images: Count = Field(200, description="test images; each model's wrong ones are left out")
    profile_images: Count = Field(200, description="training images that make the profile of normal inputs")
    selection_seed: Seed = Field(0, description="seed of the choice of images")
    buckets: Count = Field(8, description="B of the bucket formula (section III.A)")
    trajectory: Trajectory = Field(Trajectory(), description="the crafting process of Figure 3")


class Studies(Part):
    """The studies to run; leave one out and nothing of it is made."""

    information_flow: InformationFlow | None = Field(None, description="the information_flow paper")
    attack_signatures: AttackSignatures | None = Field(None, description="the attack_signatures paper")
