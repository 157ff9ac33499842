"""The studies: the models, attacks and images of each paper's study."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from workflow_scripts.configuration.schema.atlas import Atlas
from workflow_scripts.configuration.schema.attack_base import ControlKind
from workflow_scripts.configuration.schema.attack_signatures import AttackSignatures
from workflow_scripts.configuration.schema.base import Count, Section, Seed
from workflow_scripts.configuration.schema.local_properties import LocalProperties


class Trajectory(Section):
    """Figure 3: images followed through the iterations of an attack."""

    attacks: list[str] = Field(
        ["jsma"],
        min_length=1,
        description="attacks on `original` that record their intermediate images; one figure each",
    )
    inputs: Count = Field(10, description="images followed; the figure draws the paths of the first")
    max_frames: Count = Field(40, description="intermediate images measured per image, evenly spaced, at most")


class Sensitivity(Section):
    """The figure controls_buckets: what the number of buckets and the size of the maps change."""

    images: Count = Field(12, description="successes of each of path_attacks that are measured, at most")
    buckets: list[Count] = Field([4, 8, 16, 32], min_length=1, description="buckets per feature map")
    sides: list[Count] = Field([8, 4], description="sides to which larger maps are pooled, beside their own size")


class Distillation(Section):
    """The defence of Q4 and Figure 6: a distilled model under regular and adaptive attacks."""

    model: str = Field("distilled", description="an entry of models with a teacher")
    regular: str = Field("jsma_regular", description="an attack that does not know of the defence")
    adaptive: str = Field(
        "jsma_adaptive", description="the same attack, with the logits divided by the temperature of the training"
    )
    others: list[str] = Field([], description="further attacks on it, shown beside these two")


class InformationFlow(Section):
    """The information_flow study: Tables II to X and Figures 1, 3 to 11."""

    original: str = Field("good_init", description="the model of Tables II to VI and X and Figures 1, 3 to 5, 8 and 9")
    compressed: str | None = Field(
        None, description="its compressed version (Tables II, IV, V, VI, Figures 5, 8, 9); null: left out"
    )
    distillation: Distillation | None = Field(None, description="the distilled model (Figure 6); null: left out")
    models: list[str] = Field(
        ["good_init"], min_length=1, description="the models of Tables VII to IX, Figures 7, 10, 11"
    )
    attacks: list[str] = Field(min_length=1, description="the attacks on `original`, in the order of the tables")
    path_attacks: list[str] = Field(min_length=1, description="those of `attacks` in Table III and Figure 4")
    model_attacks: list[str] = Field(
        min_length=1, description="the attacks on every model and on the compressed one (Tables II, V, VI, VIII, IX)"
    )
    images: Count = Field(200, description="test images; each model's misclassified ones are left out")
    profile_images: Count = Field(200, description="training images that make the profile of normal inputs")
    selection_seed: Seed = Field(0, description="seed of the choice of images")
    buckets: Count = Field(8, description="buckets per feature map, B of section III.A")
    information: Literal["plug_in", "corrected"] = Field(
        "plug_in",
        description="what the numbered tables and figures and the findings show: the paper's estimate, or that minus "
        "what is expected by chance",
    )
    sensitivity: Sensitivity = Field(Sensitivity(), description="what buckets and sizes of maps change")
    controls: list[ControlKind] = Field(
        ["shuffled"], description="what attacks are compared with: the same perturbations shuffled, gaussian noise"
    )
    feature_maps: Literal["stored", "streamed"] = Field(
        "stored",
        description="stored: keep all feature maps and MI matrices; streamed: keep only the information paths",
    )
    trajectory: Trajectory = Field(Trajectory(), description="Figure 3: what attacks pass through on their way")


class Studies(Section):
    """The studies to run; a study that is left out is not run."""

    published_values: Literal["auto", "always", "never"] = Field(
        "auto",
        description="the papers' values beside the measured ones; auto: where the data set and the architectures in "
        "the paper's roles are the paper's",
    )
    information_flow: InformationFlow | None = Field(None, description="the information_flow paper")
    local_properties: LocalProperties | None = Field(None, description="the local_properties paper")
    attack_signatures: AttackSignatures | None = Field(None, description="the attack_signatures paper")
    atlas: Atlas | None = Field(None, description="every analysis over a list of models and a list of attacks")
