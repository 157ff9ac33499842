"""Models and how they are trained."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from workflow_scripts.configuration.schema.adversarial_training import AdversarialTraining
from workflow_scripts.configuration.schema.base import (
    Count,
    Mistake,
    Natural,
    NonNegative,
    NumberOrFlag,
    Part,
    Positive,
    Seed,
    Share,
)


class Schedule(Part):
    """The learning rate over the epochs."""

    name: Literal["constant", "cosine", "multistep"] = Field(
        "cosine", description="constant, half a cosine down to 0, or steps down at milestones"
    )
    warmup: Share = Field("0", description="share of the epochs in which the rate rises linearly")
    milestones: list[Count] = Field([], description="multistep: epochs at which the rate is multiplied by `factor`")
    factor: Positive = Field("1/10", description="multistep: the factor")


class CropStage(Part):
    """From this epoch on, train on random crops of this side: small ones are cheap, and augment strongly."""

    from_epoch: Natural = Field(description="the first epoch of the stage, counted from 0")
    size: Count = Field(description="side of the crops in pixels")


WEIGHT_FILES = (".safetensors", ".pth", ".pt")
_TORCHVISION_WEIGHTS = re.compile(r"[A-Za-z0-9_]+_Weights\.[A-Z0-9_]+")


def is_file(weights: str) -> bool:
    """Whether weights are a file's path; otherwise they are torchvision's, by their name."""
    return weights.endswith(WEIGHT_FILES)


def checked_weights(weights: str) -> str:
    """A file below execution.data, or the name of torchvision's weights; ValueError where it is neither."""
    if not is_file(weights) and not _TORCHVISION_WEIGHTS.fullmatch(weights):
        raise ValueError(
            f"{weights!r} is neither a file ({', '.join(WEIGHT_FILES)}) nor a name of torchvision's weights "
            "(such as ResNet50_Weights.IMAGENET1K_V1)"
        )
    if weights.startswith(("/", "~")) or ".." in weights.split("/"):
        raise ValueError(f"{weights!r} must lie below execution.data: relative, without '..'")
    return weights


LATER = ("temperature", "adversarial")
"""Keys of a training that older recipes do not know."""


class Training(Part):
    """A training recipe."""

    epochs: Count = Field(10, description="passes over the training images")
    batch_size: Count = Field(128, description="images a step; it decides the result")
    optimizer: Literal["sgd_nesterov", "sgd_torch", "adamw"] = Field(
        "sgd_nesterov",
        description="SGD with Nesterov momentum; sgd_torch: PyTorch's own, without Nesterov and with the weight decay "
        "on every parameter; or AdamW",
    )
    learning_rate: Positive = Field("1/20", description="the schedule's peak")
    momentum: Share = Field("9/10", description="of sgd_nesterov and sgd_torch")
    weight_decay: NonNegative = Field(
        "5e-4", description="of weight matrices and kernels; biases and batch norms have it with sgd_torch alone"
    )
    schedule: Schedule = Field(Schedule(), description="the learning rate over the epochs")
    label_smoothing: Share = Field("0", description="share of each label that is spread over all classes")
    gradient_clip: Positive | None = Field(None, description="largest L2 norm of a step's gradient; null: no limit")
    flip: bool = Field(False, description="augmentation: mirror half of the images")
    shift: Natural = Field(0, description="augmentation: shift by up to this many pixels")
    auxiliary_batch_norm: bool = Field(
        False,
        description="train with a batch norm behind every hidden layer and fold it into the layer afterwards: the "
        "published network after fewer epochs (for architectures without batch norms)",
    )
    crop_stages: list[CropStage] = Field([], description="crops by epoch, for networks of any size; none: whole images")
    temperature: Positive | None = Field(
        None, description="the logits are divided by it in the loss (defensive distillation: 40); null: 1"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="of the network's passes; weights, losses and everything measured are float32. auto: bfloat16 on a "
        "GPU and on processors with the flag avx512_bf16 or amx_bf16, else float32; for jobs on a cluster say which",
    )
    adversarial: AdversarialTraining | None = Field(
        None, description="train on what an attack makes of every batch; null: on the images themselves"
    )

    def recipe(self) -> dict:
        """What a recipe says of it: a part that came later and is null is left out, so that old trainings stay."""
        return {key: value for key, value in self.model_dump().items() if key not in LATER or value is not None}

    @model_validator(mode="after")
    def _ordered(self) -> Training:
        starts = [stage.from_epoch for stage in self.crop_stages]
        if starts != sorted(set(starts)):
            raise Mistake("crop_stages", f"from_epoch must ascend, not {starts}")
        if starts and starts[-1] >= self.epochs:
            raise Mistake("crop_stages", f"from_epoch {starts[-1]} never comes: epochs are 0 to {self.epochs - 1}")
        steps = self.schedule.milestones
        if self.schedule.name == "multistep" and not steps:
            raise Mistake("schedule.milestones", "is empty: multistep needs at least one epoch")
        if self.schedule.name != "multistep" and steps:
            raise Mistake("schedule.milestones", f"is read by multistep alone, not by {self.schedule.name}")
        if steps != sorted(set(steps)):
            raise Mistake("schedule.milestones", f"must ascend, not {steps}")
        if steps and steps[-1] >= self.epochs:
            raise Mistake("schedule.milestones", f"{steps[-1]} never comes: the training has {self.epochs} epochs")
        if self.adversarial is not None and self.temperature is not None:
            raise Mistake("temperature", "is not read by an adversarial training: leave it out")
        return self


class Compression(Part):
    """Network trimming: drop the neurons that are zero most often, retrain from the kept weights, repeat."""

    model: str = Field(description="an entry of models: the network that is trimmed, of the same architecture")
    share: Share = Field(
        "0.831", description="share of its parameters to keep at most (the paper: 890,411 of 1,071,542)"
    )
    rounds: Count = Field(3, description="rounds of measuring, trimming and retraining; each trains all epochs")


class Model(Part):
    """A classifier: an architecture trained on a data set."""

    architecture: str = Field(description="a module of workflow_scripts/models, by its name")
    width: Positive = Field("1", description="multiplies every layer's size; 1 is the published network")
    dataset: str = Field(description="an entry of datasets")
    training: str | None = Field(None, description="an entry of trainings; left out where `weights` are given")
    checkpoint: Literal["best", "last"] = Field(
        "best", description="the weights that the studies use: of the best validation accuracy, or of the last epoch"
    )
    seeds: list[Seed] = Field([0], min_length=1, description="one training a seed")
    parameters: dict[str, NumberOrFlag] = Field({}, description="further keywords of the architecture's build()")
    compression: Compression | None = Field(None, description="made by trimming another model instead of from scratch")
    teacher: str | None = Field(
        None,
        description="an entry of models: train on its probabilities, at the training's temperature, instead of labels",
    )

    pretrained_weights: str | None = Field(
        None,
        description="weights to start from: a .safetensors or .pth file below execution.data, or torchvision's by "
        "their name (ResNet50_Weights.IMAGENET1K_V1), which are downloaded",
    )

    weights: str | None = Field(
        None,
        description="a finished network, measured as it is: a .safetensors or .pth file of its weights below "
        "execution.data",
    )

    @field_validator("pretrained_weights", "weights")
    @classmethod
    def _weights(cls, wanted: str | None) -> str | None:
        return wanted if wanted is None else checked_weights(wanted)

    @model_validator(mode="after")
    def _trained_or_finished(self) -> Model:
        if self.weights is None:
            if self.training is None:
                raise Mistake(
                    "training", "is missing: name an entry of trainings, or give the weights of a finished network"
                )
            return self
        if not is_file(self.weights):
            raise Mistake("weights", "torchvision's networks know other classes: start from them with initial_weights")
        for key in ("training", "compression", "teacher", "pretrained_weights"):
            if getattr(self, key) is not None:
                raise Mistake(key, "is of no use to a finished network, which `weights` make it: leave one of them out")
        if self.seeds != [0] or self.checkpoint != "best":
            key = "checkpoint" if self.checkpoint != "best" else "seeds"
            raise Mistake(key, "tells trainings apart, and a finished network (`weights`) has none: leave it out")
        return self

    @model_validator(mode="after")
    def _one_origin(self) -> Model:
        if self.compression is not None and self.teacher is not None:
            raise Mistake("teacher", "is for a model from scratch, and this one has compression: leave one out")
        if self.pretrained_weights is not None and (self.compression is not None or self.teacher is not None):
            raise Mistake("pretrained_weights", "is for a model from scratch: leave out compression and teacher")
        return self
