"""Labelled images of a source, and their splits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


class SplitError(ValueError):
    """A split that asks for more images than a source has."""


@dataclass(frozen=True)
class LabelledImages:
    """uint8 images (N, C, H, W) in 0 … 255, int64 labels (N,) in 0 … classes − 1."""

    images: np.ndarray
    labels: np.ndarray

    def __post_init__(self):
        if self.images.dtype != np.uint8 or self.images.ndim != 4 or len(self.images) != len(self.labels):
            raise ValueError(
                f"images must be uint8 (N, C, H, W) with one label each, not {self.images.dtype} "
                f"{self.images.shape} with {self.labels.shape} labels"
            )


@dataclass(frozen=True)
class Source:
    """A source's content: its pool of training images, its own test set where it has one, the class names, its own
    validation set where it has one, and what was left out or reinterpreted, a line each.
    """

    pool: LabelledImages
    test: LabelledImages | None
    class_names: tuple[str, ...]
    validation: LabelledImages | None = None
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        for part in (self.pool, self.test, self.validation):
            if part is not None and len(part.labels) and not 0 <= part.labels.min() <= part.labels.max() < self.classes:
                raise ValueError(f"labels must lie in 0 … {self.classes - 1}")

    @property
    def classes(self) -> int:
        return len(self.class_names)


@dataclass(frozen=True)
class Splits:
    """Training, validation and test images."""

    train: LabelledImages
    validation: LabelledImages
    test: LabelledImages


def stratified(labels: np.ndarray, count: int, generator: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Indices of `count` images with classes in proportion (largest remainder), and the indices of the rest.

    Both in ascending order. Raises SplitError where `count` leaves nothing.
    """
    if not 0 <= count < len(labels):
        raise SplitError(f"cannot take {count} of {len(labels)} images for a split: lower it in datasets.<name>.split")
    classes, sizes = np.unique(labels, return_counts=True)
    shares = count * sizes / len(labels)
    take = np.floor(shares).astype(int)
    for index in np.argsort(take - shares, kind="stable")[: count - take.sum()]:
        take[index] += 1
    chosen = np.zeros(len(labels), dtype=bool)
    for label, number in zip(classes, take, strict=True):
        chosen[generator.permutation(np.flatnonzero(labels == label))[:number]] = True
    return np.flatnonzero(chosen), np.flatnonzero(~chosen)


def split(source: Source, *, train: int | None, validation: int, test: int | None, seed: int) -> Splits:
    """Deterministic stratified splits.

    The test set is the source's own (or `test` images of it), and otherwise `test` images of the pool; so is the
    validation set; training takes `train` of what remains, or all of it.
    """
    generator = np.random.default_rng(seed)
    pool = source.pool
    if source.test is None:
        if test is None:
            raise SplitError("the source has no test set of its own: give datasets.<name>.split.test")
        chosen, rest = stratified(pool.labels, test, generator)
        held_out, pool = _take(pool, chosen), _take(pool, rest)
    else:
        held_out = _at_most(source.test, test, generator)
    if source.validation is None:
        chosen, rest = stratified(pool.labels, validation, generator)
        held_in, pool = _take(pool, chosen), _take(pool, rest)
    else:
        held_in = _at_most(source.validation, validation, generator)
    return Splits(_at_most(pool, train, generator), held_in, held_out)


def missing_classes(splits: Splits, class_names: tuple[str, ...]) -> list[str]:
    """The classes of which the training or the test images have none, a line per split."""
    notes = []
    for name, part in (("training", splits.train), ("test", splits.test)):
        counts = np.bincount(part.labels, minlength=len(class_names))
        missing = [each for each, count in zip(class_names, counts, strict=True) if not count]
        if missing:
            shown = ", ".join(missing[:10]) + (f" and {len(missing) - 10} more" if len(missing) > 10 else "")
            notes.append(f"no {name} image of the class{'es' * (len(missing) > 1)} {shown}")
    return notes


def _at_most(part: LabelledImages, count: int | None, generator: np.random.Generator) -> LabelledImages:
    """`count` of the images, with classes in proportion; all of them where there are no more, or with None."""
    if count is None or count >= len(part.labels):
        return part
    return _take(part, stratified(part.labels, count, generator)[0])


def _take(part: LabelledImages, indices: np.ndarray) -> LabelledImages:
    return LabelledImages(part.images[indices], part.labels[indices])


def fit(images: np.ndarray, size: int | None, enlarge: str = "pad") -> np.ndarray:
    """uint8 (N, C, H, W) brought to size × size: larger images are resized, and smaller ones too with `enlarge`
    "resize", or zero-padded centrally with "pad".
    """
    if size is None or images.shape[2:] == (size, size):
        return images
    height, width = images.shape[2:]
    if height <= size and width <= size and enlarge == "pad":
        top, left = (size - height) // 2, (size - width) // 2
        margins = ((0, 0), (0, 0), (top, size - height - top), (left, size - width - left))
        return np.pad(images, margins)
    return resized(images, size)


def resized(images: np.ndarray, size: int) -> np.ndarray:
    """uint8 (N, C, H, W) → (N, C, size, size) by Pillow's antialiased bilinear filter."""
    from PIL import Image

    out = np.empty((*images.shape[:2], size, size), np.uint8)
    for n, image in enumerate(images):
        for c, channel in enumerate(image):
            out[n, c] = np.asarray(Image.fromarray(channel).resize((size, size), Image.Resampling.BILINEAR))
    return out
