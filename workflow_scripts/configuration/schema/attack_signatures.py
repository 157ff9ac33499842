"""The attack_signatures study: victims, the grid of attacks, REDRL, and saliency."""

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

CLEAN = "clean"
QUANTISATIONS = Literal["none", "round", "truncate"]


class Redrl(Section):
    """The recognisers: REDRL, its ablations and its baselines (the defaults are the paper's)."""

    channels: Count = Field(64, description="channels of the reconstructor G")
    blocks: Count = Field(23, description="residual blocks of G")
    width: Positive = Field("1", description="multiplies the sizes of the recogniser Ψ, a ResNet-18")
    small_stem: bool = Field(False, description="Ψ begins with a 3×3 convolution without pooling (for small images)")
    epochs: Count = Field(100, description="epochs of each training")
    steps_per_epoch: Count = Field(391, description="batches an epoch; the paper says nothing of it")
    batch_size: Count = Field(128, description="images a step")
    weight_decay: NonNegative = Field("5e-4", description="of Adam, on all weights")
    warmup_epochs: Natural = Field(10, description="epochs in which the learning rate rises from a hundredth")
    milestones: list[Count] = Field([40, 70, 90], description="epochs at which the learning rate is divided by 10")
    label_smoothing: Share = Field(
        "1/10", description="of the attacks' classes (the paper names none; 1/10 is usual, its code has 0)"
    )
    reconstruction: NonNegative = Field("0.01", description="λ1, of the L1 distance to the clean image")
    features: NonNegative = Field("0.1", description="λ2, of the distance of features")
    classification: NonNegative = Field("1", description="λ3, of the victim's cross-entropy")
    perceptual_weights: str | None = Field(
        None,
        description="VGG16 for the features: a .safetensors or .pth file below execution.data with at least its first "
        "three blocks, or VGG16_Weights.IMAGENET1K_V1 to download; null: the victims' own features",
    )
    seeds: list[Seed] = Field([0], min_length=1, description="one training of each recogniser a seed")

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
    """One data set: its victims, and how many of its images every configuration of every attack is made of."""

    dataset: str = Field(description="an entry of datasets")
    paper: Literal["cifar10", "tiny_imagenet"] | None = Field(
        None, description="the data set of the paper whose published values stand beside; null: none"
    )
    victims: list[str] = Field(min_length=1, description="entries of models; the first training of each is attacked")
    train: Count = Field(description="training images that are attacked, for the recognisers to learn from")
    test: Count = Field(description="test images that are attacked")
    learning_rate: Positive = Field("3.5e-4", description="of the recognisers (the paper: 3.5e-4 and 1.7e-4)")
    redrl: Redrl | None = Field(None, description="recognisers of this data set; null: the study's `redrl`")


class Saliency(Section):
    """Saliency in parameter space and input space."""

    images: Count | None = Field(None, description="test images a profile is the mean of, at most; null: all")
    comparison_images: Count = Field(500, description="images whose profiles are compared between attacks, at most")
    permutations: Count = Field(999, description="random swaps that a distance of profiles is set against")
    example_images: Count = Field(1, description="images whose input saliency is drawn")
    boosted_filters: Count = Field(10, description="most salient filters that input saliency asks for")
    boost: Positive = Field("100", description="factor by which their saliency is boosted")
    percentile: Percentile = Field("99", description="of each map: what is above it is drawn as it")


class AttackSignatures(Section):
    """The attack_signatures study: Tables 1 to 6, Figures 1, 2, 4 to 15."""

    datasets: list[StudyDataset] = Field(min_length=1, description="the data sets")
    classes: dict[Name, list[str]] = Field(
        min_length=1,
        description="what is recognised beside clean images: class → its configurations, entries of attacks",
    )
    saliency_attacks: dict[Name, str] = Field(
        {}, description="class → the configuration that saliency looks at; left out: the class's last one"
    )
    shard_size: Count = Field(5000, description="images a part of a grid; each part is a job of its own")
    max_shard_hours: Positive | None = Field(
        None,
        description="smaller shards where an A100 GPU would take longer than this many hours (at 2.1e16 floating-point "
        "operations per hour), as for slow attacks; null: `shard_size` alone",
    )
    selection_seed: Seed = Field(0, description="seed of the choice of images")
    quantisation: QUANTISATIONS = Field(
        "truncate", description="how attacked images pass through 8 bits before anything looks at them"
    )
    compared_quantisations: list[QUANTISATIONS] = Field(
        ["none", "round", "truncate"], description="ways through 8 bits for which the victims' accuracy is measured"
    )
    recognised_quantisations: list[QUANTISATIONS] = Field(
        [], description="further ways for which the baseline on images alone and REDRL are trained too"
    )
    redrl: Redrl = Field(Redrl(), description="the recognisers")
    saliency: Saliency = Field(Saliency(), description="saliency in parameter space and input space")

    @model_validator(mode="after")
    def _classes(self) -> AttackSignatures:
        if CLEAN in self.classes:
            raise InvalidKey("classes", f"{CLEAN!r} is the class of images that nothing attacked: leave it out")
        for name, attacks in self.classes.items():
            if not attacks:
                raise InvalidKey(f"classes.{name}", "names no configuration")
        for name, attack in self.saliency_attacks.items():
            if attack not in self.classes.get(name, ()):
                raise InvalidKey(f"saliency_attacks.{name}", f"{attack!r} is not among classes.{name}")
        return self
