"""The local_properties study: frequencies and local responses of standard and adversarially trained models."""

from __future__ import annotations

from pydantic import Field

from workflow_scripts.configuration.schema.attack_base import ControlKind
from workflow_scripts.configuration.schema.base import Count, NonNegative, Section, Seed


class WeightDecaySweep(Section):
    """Figures 5 and 9: one adversarial training per weight decay."""

    model: str = Field(
        description="an adversarially trained entry of models, whose training is repeated with each weight decay"
    )
    weight_decays: list[NonNegative] = Field(
        ["0", "5e-4", "5e-3", "1e-2", "5e-2"], min_length=2, description="the weight decays, in ascending order"
    )


class LocalProperties(Section):
    """The local_properties study: Tables 1-5 and Figures 1-9."""

    standard: str = Field("standard", description="an entry of models, not adversarially trained")
    robust: str = Field("robust", description="an entry of models, adversarially trained on the same data set")
    pgd: str = Field("pgd", description="the attack of Tables 1, 3, 4, 5 and of all figures but 7: PGD with 20 steps")
    fgsm: str = Field("fgsm", description="the attack of Tables 2 and 4 and of Figure 7: FGSM")
    images: Count = Field(1000, description="test images attacked, filtered and compared")
    selection_seed: Seed = Field(0, description="seed of the choice of images")
    attack_all: bool = Field(
        True,
        description="images that a model misclassifies are attacked, too, as in the paper's Tables 1, 3 and 5; false: "
        "they are left out",
    )
    spectrum_images: Count = Field(
        1000, description="how many of them are averaged in the spectra of Figure 2, at most"
    )
    radius_step: Count = Field(1, description="step of the filters' radius in Figures 1 and 6, in cycles per image")
    example_images: Count = Field(3, description="images shown in each of Figures 3, 7 and 8")
    controls: list[ControlKind] = Field(
        ["shuffled"], description="what attacks are compared with: the same perturbations shuffled, gaussian noise"
    )
    sweep: WeightDecaySweep | None = Field(None, description="Figures 5 and 9; null: left out")
