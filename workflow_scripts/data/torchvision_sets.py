"""Image classification data sets that torchvision reads: `torchvision:SVHN` is `torchvision.datasets.SVHN`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from workflow_scripts.data.image_files import to_array
from workflow_scripts.data.images import LabelledImages, Source

if TYPE_CHECKING:
    from torch.utils.data import Dataset


@dataclass(frozen=True)
class Arguments:
    """What the class takes for each part: `pool` for the training images, `validation` and `test` where it has them.

    grey: images have one channel. one_size: they are all of one size. classes: how many, where the class lists none.
    fetches: whether the class has the keyword `download`.
    """

    pool: Mapping[str, Any] = field(default_factory=dict)
    test: Mapping[str, Any] | None = None
    validation: Mapping[str, Any] | None = None
    grey: bool = False
    one_size: bool = False
    classes: int | None = None
    fetches: bool = True


def _flag(**facts: Any) -> Arguments:
    return Arguments({"train": True}, {"train": False}, one_size=True, **facts)


def _split(pool: str = "train", test: str = "test", validation: str | None = None, **facts: Any) -> Arguments:
    return Arguments({"split": pool}, {"split": test}, validation and {"split": validation}, **facts)


SETS = {
    "CIFAR10": _flag(),
    "CIFAR100": _flag(),
    "Caltech101": Arguments(),
    "Caltech256": Arguments(),
    "Country211": _split(validation="valid"),
    "DTD": _split(validation="val"),
    "EMNIST": _flag(grey=True),
    "EuroSAT": Arguments(one_size=True),
    "FER2013": _split(grey=True, one_size=True, classes=7, fetches=False),
    "FGVCAircraft": _split(validation="val"),
    "FashionMNIST": _flag(grey=True),
    "Flowers102": _split(validation="val", classes=102),
    "Food101": _split(),
    "GTSRB": _split(classes=43),
    "Imagenette": _split(test="val"),
    "KMNIST": _flag(grey=True),
    "MNIST": _flag(grey=True),
    "OxfordIIITPet": _split(pool="trainval"),
    "PCAM": _split(validation="val", one_size=True, classes=2),
    "QMNIST": _flag(grey=True),
    "RenderedSST2": _split(validation="val"),
    "SEMEION": Arguments(grey=True, one_size=True, classes=10),
    "STL10": _split(one_size=True, classes=10),
    "SUN397": Arguments(),
    "SVHN": _split(one_size=True, classes=10),
    "StanfordCars": _split(),
    "USPS": _flag(grey=True, classes=10),
}


def load(
    files: list[Path],
    name: str,
    parameters: Mapping[str, Any] | None = None,
    size: int | None = None,
    *,
    download: bool = False,
) -> Source:
    """All parts of the data set, as torchvision delivers them: uint8 RGB, or grey with one channel.

    files: the folder that torchvision calls root. parameters: further keywords of the class. size: side to which
    images that differ in size are resized. Imagenette's `val` is the test set. ValueError where torchvision does not
    find or does not accept the files.
    """
    (root,) = files
    arguments = SETS[name]
    parts, names = {}, {}
    for part in ("pool", "test", "validation"):
        chosen = getattr(arguments, part)
        if chosen is None:
            continue
        fetching = {"download": download} if arguments.fetches else {}  # always said: SEMEION's default is to fetch
        dataset = _opened(name, root, {**chosen, **(parameters or {}), **fetching}, download=download)
        parts[part] = _read(name, dataset, arguments, size)
        names[part] = _class_names(dataset, arguments, parts[part].labels)
    different = next((part for part in names if names[part] != names["pool"]), None)
    if different is not None:
        raise ValueError(
            f"{root}: the {different} images of {name} have other classes than the training images: fetch it again"
        )
    return Source(parts["pool"], parts.get("test"), names["pool"], parts.get("validation"))


def _opened(name: str, root: Path, keywords: Mapping[str, Any], *, download: bool) -> Dataset:
    import torchvision.datasets

    try:
        return getattr(torchvision.datasets, name)(str(root), **keywords)
    except (RuntimeError, OSError, LookupError, ValueError, EOFError) as error:
        said = str(error).strip().split("\n")[0]
        if download:
            raise ValueError(f"torchvision cannot download {name} ({said})") from error
        raise ValueError(f"{root} is not what torchvision.datasets.{name} calls root ({said})") from error


def _read(name: str, dataset: Dataset, arguments: Arguments, size: int | None) -> LabelledImages:
    images, labels = [], []
    for index in range(len(dataset)):
        picture, label = dataset[index]
        picture = picture.convert("L" if arguments.grey else "RGB")
        images.append(to_array(picture, None if arguments.one_size else size))
        if label is None:
            raise ValueError(f"{name} has images without labels in its files: give the files that have them")
        labels.append(label)
        if images[-1].shape != images[0].shape:
            raise ValueError(f"the images of {name} differ in size: set datasets.<name>.image_size")
    if not images:
        raise ValueError(f"{name} has no image in one of its parts: fetch it again")
    return LabelledImages(np.stack(images), np.asarray(labels, np.int64))


def _class_names(dataset: Dataset, arguments: Arguments, labels: np.ndarray) -> tuple[str, ...]:
    """The class's own names, the first of several; numbers where it has none."""
    named = getattr(dataset, "classes", None) or getattr(dataset, "categories", None)
    if named is None:
        return tuple(map(str, range(arguments.classes or int(labels.max()) + 1)))
    return tuple(each if isinstance(each, str) else str(each[0]) for each in named)
