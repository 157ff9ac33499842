"""Models and how they are trained."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import Field, model_validator

from workflow_scripts.schema.base import Count, Name, NonNegative, Part, Positive, Seed, Share


class Schedule(Part):
    """The learning rate over the epochs."""

    name: Literal["constant", "cosine", "multistep"] = "cosine"
    warmup: Share = Field("0", description="share of the epochs in which the rate rises linearly")
    milestones: list[Count] = Field([], description="multistep: epochs at which the rate is multiplied by `factor`")
    factor: Positive = Field("1/10", description="multistep: the factor")


class CropStage(Part):
    """From this epoch on, train on random crops of this side: small ones are cheap, and augment strongly."""

    from_epoch: int = Field(ge=0)
    size: Count


class Training(Part):
    """A training recipe."""

    epochs: Count = 10
    batch_size: Count = 128
    optimizer: Literal["sgd", "adamw"] = "sgd"
    learning_rate: Positive = Field("1/20", description="the schedule's peak")
    momentum: Share = Field("9/10", description="sgd: Nesterov momentum")
    weight_decay: NonNegative = Field("5e-4", description="on weight matrices and kernels, not on biases and batch norms")
    schedule: Schedule = Schedule()
    label_smoothing: Share = "0"
    gradient_clip: Positive | None = Field(None, description="largest L2 norm of a step's gradient; null: no limit")
    flip: bool = Field(False, description="augmentation: mirror half of the images")
    shift: int = Field(0, ge=0, description="augmentation: shift by up to this many pixels")
    crop_stages: list[CropStage] = Field([], description="crops by epoch, for networks that take any size; none: whole images")

    @model_validator(mode="after")
    def _ordered(self) -> Training:
        starts = [stage.from_epoch for stage in self.crop_stages]
        if starts != sorted(set(starts)):
            raise ValueError("crop_stages must have ascending from_epoch")
        if self.schedule.name == "multistep" and not self.schedule.milestones:
            raise ValueError("schedule.milestones is empty: multistep needs at least one epoch")
        return self


class Model(Part):
    """A classifier: an architecture trained on a data set."""

    architecture: str = Field(description="a module of workflow_scripts/models, by its name")
    width: Positive = Field("1", description="multiplies every layer's size; 1 is the published network")
    dataset: Name
    training: Name
    checkpoint: Literal["best", "last"] = Field("best", description="the epoch that the studies use")
    seeds: list[Seed] = Field([0], min_length=1, description="one training a seed")
    parameters: dict[str, Any] = Field({}, description="further keywords of the architecture's build()")
