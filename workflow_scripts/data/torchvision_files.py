"""Where torchvision keeps its data sets, and the identity of their content, without importing torchvision."""

from __future__ import annotations

import ast
import hashlib
import importlib.util
import re
from collections.abc import Iterator
from pathlib import Path

from workflow_scripts.data.source_files import MissingData, hash_files

PREFIX = "torchvision:"
FILES = {
    "CIFAR10": ("cifar-10-batches-py",),
    "CIFAR100": ("cifar-100-python",),
    "Caltech101": ("caltech101/101_ObjectCategories",),
    "Caltech256": ("caltech256/256_ObjectCategories",),
    "Country211": ("country211",),
    "DTD": ("dtd/dtd",),
    "EMNIST": ("EMNIST/raw",),
    "EuroSAT": ("eurosat/2750",),
    "FER2013": ("fer2013",),
    "FGVCAircraft": ("fgvc-aircraft-2013b",),
    "FashionMNIST": ("FashionMNIST/raw",),
    "Flowers102": ("flowers-102",),
    "Food101": ("food-101",),
    "GTSRB": ("gtsrb/GTSRB", "gtsrb/GT-final_test.csv"),
    "Imagenette": ("imagenette2*/",),
    "KMNIST": ("KMNIST/raw",),
    "MNIST": ("MNIST/raw",),
    "OxfordIIITPet": ("oxford-iiit-pet",),
    "PCAM": ("pcam",),
    "QMNIST": ("QMNIST/raw",),
    "RenderedSST2": ("rendered-sst2",),
    "SEMEION": ("semeion.data",),
    "STL10": ("stl10_binary",),
    "SUN397": ("SUN397",),
    "SVHN": ("train_32x32.mat", "test_32x32.mat"),
    "StanfordCars": ("stanford_cars",),
    "USPS": ("usps.bz2", "usps.t.bz2"),
}
"""Class → its files and folders below torchvision's `root`, as patterns; those that end in / are folders only."""


def is_torchvision(source: str) -> bool:
    """Whether a source's name is that of a class of torchvision.datasets."""
    return source.startswith(PREFIX)


def roots(source: dict, data: Path) -> list[Path]:
    """The folder that torchvision calls root; none for a data set without `path`, which the job downloads."""
    return [] if source["path"] is None else [data / source["path"]]


def content_hash(source: dict, data: Path, cache: Path | None = None) -> str:
    """The identity of the content: the SHA-256 of the data set's files below `path`, or, without one, the checksums by
    which torchvision verifies its download. MissingData where there is no such file, or no such class.
    """
    name = source["name"].removeprefix(PREFIX)
    if source["path"] is None:
        checksums = sorted(set(_checksums(name)))
        return f"published:{hashlib.sha256(' '.join(checksums).encode()).hexdigest()}"
    (root,) = roots(source, data)
    files = []
    for pattern in FILES[name]:
        found = sorted(path for path in root.glob(pattern.rstrip("/")) if path.is_dir() or not pattern.endswith("/"))
        inside = [file for path in found for file in ([path] if path.is_file() else sorted(path.rglob("*")))]
        if not any(file.is_file() for file in inside):
            raise MissingData(
                f"{root} has no {pattern}: give the folder that torchvision.datasets.{name} calls root, or download: "
                "true in place of a path"
            )
        files += [file for file in inside if not file.is_dir() and not file.name.startswith(".")]
    return hash_files(files, root, cache)


def _checksums(name: str) -> Iterator[str]:
    """Every MD5 sum in the source text of the class and of the classes of its module that it inherits from."""
    found = importlib.util.find_spec("torchvision")
    if found is None or found.origin is None:
        raise MissingData("the package torchvision is not installed: pip install torchvision")
    folder = Path(found.origin).parent / "datasets"
    for statement in ast.parse((folder / "__init__.py").read_bytes()).body:
        if isinstance(statement, ast.ImportFrom) and name in {alias.name for alias in statement.names}:
            text = (folder / f"{statement.module}.py").read_text(encoding="utf-8")
            yield from _checksums_of(name, text, {each.name: each for each in _classes(text)})
            return
    raise MissingData(f"the installed torchvision has no datasets.{name}: pip install --upgrade torchvision")


def _classes(text: str) -> list[ast.ClassDef]:
    return [statement for statement in ast.parse(text).body if isinstance(statement, ast.ClassDef)]


def _checksums_of(name: str, text: str, classes: dict[str, ast.ClassDef]) -> Iterator[str]:
    yield from re.findall(r"\b[0-9a-f]{32}\b", ast.get_source_segment(text, classes[name]) or "")
    for base in classes[name].bases:
        if isinstance(base, ast.Name) and base.id in classes:
            yield from _checksums_of(base.id, text, classes)
