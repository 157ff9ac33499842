"""Models and how they are trained."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator, model_validator

from workflow_scripts.configuration.schema.adversarial_training import AdversarialTraining
from workflow_scripts.configuration.schema.base import (
    Count,
    Exact,
    InvalidKey,
    Keyword,
    Natural,
    NonNegative,
    Positive,
    Section,
    Seed,
    Share,
)


class Schedule(Section):
    """The learning rate over the epochs."""

    name: Literal["constant", "cosine", "multistep"] = Field(
        "cosine", description="constant, half a period of a cosine down to 0, or steps at milestones"
    )
    warmup: Share = Field("0", description="share of the epochs in which the rate rises linearly")
    milestones: list[Count] = Field([], description="multistep: epochs at which the rate is multiplied by `factor`")
    factor: Positive = Field("1/10", description="multistep: the factor")


class CropStage(Section):
    """Train on random crops of this side from this epoch on: small crops are cheap, and augment strongly."""

    from_epoch: Natural = Field(description="the first epoch of the stage, counted from 0")
    size: Count = Field(description="side of the crops in pixels")


WEIGHT_FILES = (".safetensors", ".pth", ".pt", ".th", ".tar", ".ckpt", ".bin", ".model", ".pkl", ".pt2")
_TORCHVISION_WEIGHTS = re.compile(r"[A-Za-z0-9_]+_Weights\.[A-Z0-9_]+")


def is_file(weights: str) -> bool:
    """Whether weights are the path of a file; otherwise they are the name of torchvision's weights."""
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
"""Keys that are left out of a recipe where they are null, so that trainings without them keep their identity."""


class Training(Section):
    """A training recipe."""

    epochs: Count = Field(10, description="passes over the training images")
    batch_size: Count = Field(128, description="images per step")
    optimizer: Literal["sgd_nesterov", "sgd_torch", "adamw"] = Field(
        "sgd_nesterov",
        description="sgd_nesterov: SGD with Nesterov momentum; sgd_torch: PyTorch's SGD, without Nesterov momentum and "
        "with weight decay on every parameter; adamw",
    )
    learning_rate: Positive = Field("1/20", description="the peak of the schedule")
    momentum: Share = Field("9/10", description="of sgd_nesterov and sgd_torch")
    weight_decay: NonNegative = Field(
        "5e-4", description="weight decay of weight matrices and kernels; with sgd_torch of biases and batch norms, too"
    )
    schedule: Schedule = Field(Schedule(), description="the learning rate over the epochs")
    label_smoothing: Share = Field("0", description="share of each label that is spread over all classes")
    gradient_clip: Positive | None = Field(None, description="largest L2 norm of a step's gradient; null: no limit")
    flip: bool = Field(False, description="augmentation: mirror half of the images")
    shift: Natural = Field(0, description="augmentation: shift by up to this many pixels")
    auxiliary_batch_norm: bool = Field(
        False,
        description="for architectures without batch norms: train with one after every hidden layer and fold it into "
        "the layer afterwards, which needs fewer epochs for the same network",
    )
    crop_stages: list[CropStage] = Field(
        [],
        description="random crops whose side depends on the epoch, for networks of any image size; none: whole images",
    )
    temperature: Positive | None = Field(
        None, description="the logits are divided by it in the loss (defensive distillation: 40); null: 1"
    )
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        "auto",
        description="of the network's passes; weights, losses and everything measured are float32. auto: bfloat16 on a "
        "GPU and on processors with the flag avx512_bf16 or amx_bf16, else float32; for jobs on a cluster say which",
    )
    adversarial: AdversarialTraining | None = Field(
        None, description="train on adversarial examples; null: on the images themselves"
    )

    def recipe(self) -> dict:
        """What recipes contain of it; see LATER."""
        return {key: value for key, value in self.model_dump().items() if key not in LATER or value is not None}

    @model_validator(mode="after")
    def _ordered(self) -> Training:
        starts = [stage.from_epoch for stage in self.crop_stages]
        if starts != sorted(set(starts)):
            raise InvalidKey("crop_stages", f"from_epoch must ascend, not {starts}")
        if starts and starts[-1] >= self.epochs:
            raise InvalidKey("crop_stages", f"from_epoch {starts[-1]} never comes: epochs are 0 to {self.epochs - 1}")
        steps = self.schedule.milestones
        if self.schedule.name == "multistep" and not steps:
            raise InvalidKey("schedule.milestones", "is empty: multistep needs at least one epoch")
        if self.schedule.name != "multistep" and steps:
            raise InvalidKey(
                "schedule.milestones", f"has no effect with {self.schedule.name}: leave it out, or choose multistep"
            )
        if steps != sorted(set(steps)):
            raise InvalidKey("schedule.milestones", f"must ascend, not {steps}")
        if steps and steps[-1] >= self.epochs:
            raise InvalidKey("schedule.milestones", f"{steps[-1]} never comes: the training has {self.epochs} epochs")
        if self.optimizer == "adamw" and "momentum" in self.model_fields_set:
            raise InvalidKey("momentum", "is not read by adamw: leave it out, or choose sgd_nesterov or sgd_torch")
        if self.adversarial is not None and self.temperature is not None:
            raise InvalidKey("temperature", "is not read by an adversarial training: leave it out")
        return self


class Compression(Section):
    """Network trimming: remove the neurons that are zero most often, train the kept weights further, repeat."""

    model: str = Field(description="an entry of models of the same architecture: the network that is trimmed")
    share: Share = Field(
        "0.831", description="share of its parameters to keep at most (the paper: 890,411 of 1,071,542)"
    )
    rounds: Count = Field(3, description="rounds of measuring, trimming and training; each trains all epochs")


class Model(Section):
    """A classifier: an architecture trained on a data set."""

    architecture: str = Field(
        description="a module of workflow_scripts/models or execution.code, by its name, or a class or function as "
        "module:callable, of an installed package or of execution.code (torchvision:resnet18, my_nets:ResNet20); or "
        "torchscript or torch_export, where `weights` are an archive of the whole network"
    )
    width: Positive = Field("1", description="multiplies the size of every layer; 1 is the published network")
    dataset: str = Field(description="an entry of datasets")
    training: str | None = Field(None, description="an entry of trainings; left out where `weights` are given")
    checkpoint: Literal["best", "last"] = Field(
        "best",
        description="the weights that studies use: of the epoch of best validation accuracy, or of the last epoch",
    )
    seeds: list[Seed] = Field([0], min_length=1, description="one training per seed")
    parameters: dict[str, Keyword] = Field(
        {},
        description="further keywords of the architecture's build(), or keywords of the callable, texts and lists too",
    )
    layers: list[str] | None = Field(
        None,
        min_length=1,
        description="submodules whose outputs the analyses measure, by the names that named_modules() gives, with "
        "wildcards (layer*); null: those that the architecture names, or else found in the network",
    )
    initialisation: Literal["kaiming", "lsuv", "own"] | None = Field(
        None,
        description="weights before training: He et al. 2015, layer-sequential unit variance, or as the network's own "
        "code sets them; null: what the architecture says, and own for module:callable",
    )
    compression: Compression | None = Field(
        None, description="makes the model by trimming another one; null: trained from scratch"
    )
    teacher: str | None = Field(
        None,
        description="an entry of models: train on its probabilities, at the training's temperature, not on the labels",
    )

    pretrained_weights: str | None = Field(
        None,
        description="weights to start from: a .safetensors or .pth file, relative to execution.data, or the name of "
        "torchvision's weights, which are downloaded (ResNet50_Weights.IMAGENET1K_V1)",
    )

    weights: str | None = Field(
        None,
        description="weights of a finished network, which is measured as it is: a .safetensors or .pth file, relative "
        "to execution.data; of torchscript and torch_export the archive",
    )
    weights_key: str | None = Field(
        None,
        min_length=1,
        description="where the file of weights has several state dictionaries: the one to use (model_ema, model.ema "
        "for one within another, state_dict.0 for the first of a list)",
    )
    mean: list[Exact] | None = Field(
        None, min_length=1, description="mean for the normalisation inside this network; null: that of the data set"
    )
    std: list[Positive] | None = Field(
        None, min_length=1, description="standard deviation for that; null: that of the data set"
    )

    @field_validator("pretrained_weights", "weights")
    @classmethod
    def _weights(cls, wanted: str | None) -> str | None:
        return wanted if wanted is None else checked_weights(wanted)

    @model_validator(mode="after")
    def _trained_or_finished(self) -> Model:
        if self.weights is None:
            if self.training is None:
                raise InvalidKey(
                    "training", "is missing: name an entry of trainings, or give the weights of a finished network"
                )
            return self
        if not is_file(self.weights):
            raise InvalidKey(
                "weights", "torchvision's networks know other classes: start from them with pretrained_weights"
            )
        for key in ("training", "compression", "teacher", "pretrained_weights"):
            if getattr(self, key) is not None:
                raise InvalidKey(key, "does not apply to a finished network (`weights`): leave one of the two out")
        if self.seeds != [0] or self.checkpoint != "best":
            key = "checkpoint" if self.checkpoint != "best" else "seeds"
            raise InvalidKey(
                key, "does not apply to a finished network (`weights`), which has no trainings: leave it out"
            )
        return self

    @model_validator(mode="after")
    def _numbers_for_modules(self) -> Model:
        if ":" not in self.architecture:
            for key, value in self.parameters.items():
                if value is None or isinstance(value, str | list):
                    raise InvalidKey(f"parameters.{key}", f"{value!r} is not a number, true or false")
        if self.initialisation is not None and (self.weights is not None or self.compression is not None):
            raise InvalidKey("initialisation", "applies to a network trained from scratch: leave it out")
        return self

    @model_validator(mode="after")
    def _key_of_a_file(self) -> Model:
        given = self.weights or self.pretrained_weights
        if self.weights_key is not None and (given is None or not is_file(given)):
            raise InvalidKey("weights_key", "has no effect without a file of weights: leave it out")
        return self

    @model_validator(mode="after")
    def _one_origin(self) -> Model:
        if self.compression is not None and self.teacher is not None:
            raise InvalidKey("teacher", "applies to a model from scratch, and this one has compression: leave one out")
        if self.pretrained_weights is not None and (self.compression is not None or self.teacher is not None):
            raise InvalidKey("pretrained_weights", "applies to a model from scratch: leave out compression and teacher")
        return self
