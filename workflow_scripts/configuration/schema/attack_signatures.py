"""The attack_signatures study: victims, attacks, recognisers and saliency."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from workflow_scripts.configuration.schema.base import (
    Count,
    InvalidKey,
    Name,
    Natural,
    NonNegative,
    Percentile,
    Positive,
    Section,
    Seed,
    Share,
)
from workflow_scripts.configuration.schema.models import checked_weights

RESERVED = {
    "clean": "images without an attack, which is always there",
    "misclassified": "clean images that a victim gets wrong, which saliency is compared with",
}
"""Classes that every study has: what they hold."""
QUANTISATIONS = Literal["none", "round", "truncate"]


class Redrl(Section):
    """The recognisers: REDRL, its ablations and its baselines; the defaults are the paper's."""

    channels: Count = Field(64, description="channels of the reconstructor G")
    blocks: Count = Field(23, description="residual blocks of G")
    width: Positive = Field("1", description="multiplies the sizes of the recogniser Ψ, a ResNet-18")
    small_stem: bool = Field(False, description="Ψ begins with a 3×3 convolution without pooling (for small images)")
    epochs: Count = Field(100, description="epochs of each training")
    steps_per_epoch: Count = Field(391, description="batches per epoch, which the paper does not state")
    batch_size: Count = Field(128, description="images per step")
    weight_decay: NonNegative = Field("5e-4", description="of Adam, on all weights")
    warmup_epochs: Natural = Field(
        10, description="epochs in which the learning rate rises from a hundredth of its value"
    )
    milestones: list[Count] = Field([40, 70, 90], description="epochs at which the learning rate is divided by 10")
    label_smoothing: Share = Field(
        "1/10", description="of the class labels; the paper has some but does not say how much, its code has 0"
    )
    reconstruction: NonNegative = Field("0.01", description="λ1, weight of the L1 distance to the clean image")
    features: NonNegative = Field("0.1", description="λ2, weight of the distance of features")
    classification: NonNegative = Field("1", description="λ3, weight of the victim's cross-entropy")
    perceptual_weights: str | None = Field(
        None,
        description="VGG16's weights for the features: a .safetensors or .pth file below execution.data with at least "
        "the first three blocks, or VGG16_Weights.IMAGENET1K_V1 to download; null: the victims' own features",
    )
    seeds: list[Seed] = Field([0], min_length=1, description="one training of each recogniser per seed")

    @field_validator("perceptual_weights")
    @classmethod
    def _weights(cls, wanted: str | None) -> str | None:
        return wanted if wanted is None else checked_weights(wanted)

    @model_validator(mode="after")
    def _ordered(self) -> Redrl:
        if self.milestones != sorted(set(self.milestones)):
            raise InvalidKey("milestones", f"must ascend, not {self.milestones}")
        if self.milestones and self.milestones[-1] >= self.epochs:
            raise InvalidKey("milestones", f"{self.milestones[-1]} never comes: the training has {self.epochs} epochs")
        if self.warmup_epochs > self.epochs:
            raise InvalidKey("warmup_epochs", f"{self.warmup_epochs} is more than the {self.epochs} epochs")
        return self


class StudyDataset(Section):
    """One data set of the study: its victims, and how many of its images are attacked."""

    dataset: str = Field(description="an entry of datasets")
    paper: Literal["cifar10", "tiny_imagenet"] | None = Field(
        None, description="the data set of the paper whose published values are shown beside; null: none"
    )
    victims: list[str] = Field(
        min_length=1, description="entries of models; the training of the first seed of each is attacked"
    )
    train: Count = Field(
        description="training images that are attacked by every configuration, for the recognisers to learn from"
    )
    test: Count = Field(description="test images that are attacked by every configuration")
    learning_rate: Positive = Field("3.5e-4", description="of the recognisers (the paper: 3.5e-4 and 1.7e-4)")
    redrl: Redrl | None = Field(None, description="the recognisers of this data set; null: as in the study's `redrl`")


class Saliency(Section):
    """Saliency of filters (parameter space) and of pixels (input space)."""

    images: Count | None = Field(None, description="test images averaged in a profile, at most; null: all")
    comparison_images: Count = Field(500, description="images whose profiles are compared between attacks, at most")
    permutations: Count = Field(999, description="random swaps that give a distance of profiles its null distribution")
    example_images: Count = Field(1, description="images whose input saliency is drawn")
    region_images: Count = Field(
        50, description="images, at most, on which the most salient pixels are compared between attacks"
    )
    boosted_filters: Count = Field(10, description="filters that input saliency is computed for: the most salient ones")
    boost: Positive = Field(
        "100", description="input saliency tells which pixels would raise the saliency of these filters by this factor"
    )
    percentile: Percentile = Field(
        "99", description="percentile of a saliency map above which all values are drawn alike"
    )


class AttackSignatures(Section):
    """The attack_signatures study: Tables 1 to 6, Figures 1, 2, 4 to 15."""

    datasets: list[StudyDataset] = Field(min_length=1, description="the data sets of the study, with their victims")
    classes: dict[Name, list[str]] = Field(
        min_length=1,
        description="the classes to recognise beside clean images: class → its configurations, entries of attacks",
    )
    saliency_attacks: dict[Name, str] = Field(
        {}, description="class → the configuration whose saliency is measured; for a class left out, its last one"
    )
    shard_size: Count = Field(5000, description="images per shard of an attacked set; each shard is a job")
    max_shard_hours: Positive | None = Field(
        None,
        description="smaller shards where an A100 GPU would take longer than this many hours (at 2.1e16 floating-point "
        "operations per hour), as for slow attacks; null: `shard_size` alone",
    )
    selection_seed: Seed = Field(0, description="seed of the choice of images")
    quantisation: QUANTISATIONS = Field(
        "truncate", description="how attacked images are converted to 8 bits before anything is measured on them"
    )
    compared_quantisations: list[QUANTISATIONS] = Field(
        ["none", "round", "truncate"], description="conversions for which the victims' accuracy is measured"
    )
    recognised_quantisations: list[QUANTISATIONS] = Field(
        [], description="further conversions for which REDRL and the baseline on images alone are trained"
    )
    redrl: Redrl = Field(Redrl(), description="the recognisers")
    saliency: Saliency = Field(Saliency(), description="saliency of filters and of pixels")

    @model_validator(mode="after")
    def _classes(self) -> AttackSignatures:
        for name in self.classes:
            if name in RESERVED:
                raise InvalidKey("classes", f"{name!r} is the class of {RESERVED[name]}: leave it out or rename it")
        for name, attacks in self.classes.items():
            if not attacks:
                raise InvalidKey(f"classes.{name}", "names no configuration")
        for name, attack in self.saliency_attacks.items():
            if attack not in self.classes.get(name, ()):
                raise InvalidKey(f"saliency_attacks.{name}", f"{attack!r} is not among classes.{name}")
        return self
