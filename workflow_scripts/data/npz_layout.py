"""Which arrays of an .npz file are images and labels, from their names, shapes and types alone: no array is read, and
NumPy is not imported (planning has to be fast).
"""

from __future__ import annotations

import ast
import struct
import zipfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

PARTS = ("", "validation_", "test_")
"""What stands before `images` and `labels` for the training images, the validation images and the test images."""
PAIRS = {
    "": (
        ("images", "labels"),
        ("train_images", "train_labels"),
        ("x_train", "y_train"),
        ("train_x", "train_y"),
        ("x", "y"),
        ("data", "labels"),
        ("data", "target"),
    ),
    "validation_": (
        ("validation_images", "validation_labels"),
        ("val_images", "val_labels"),
        ("x_val", "y_val"),
        ("x_valid", "y_valid"),
        ("x_validation", "y_validation"),
        ("val_x", "val_y"),
    ),
    "test_": (("test_images", "test_labels"), ("x_test", "y_test"), ("test_x", "test_y")),
}
"""Names of images and labels, in lower case: of this project, MedMNIST (train_images), Keras (x_train) and others."""
CLASS_NAMES = ("class_names", "label_names")
_LENGTHS = {1: "<H", 2: "<I", 3: "<I"}
"""Version of NumPy's format → how the length of an array's header is stored."""


@dataclass(frozen=True)
class Header:
    """An array's shape and its kind of numbers: `u`, `i`, `f`, `b`, `U`, `S`, `O`, …, as in `numpy.dtype.kind`."""

    shape: tuple[int, ...]
    kind: str
    type: str


def read_headers(path: Path) -> dict[str, Header]:
    """Array name → header, in the file's order; ValueError where the file is no .npz file."""
    try:
        with zipfile.ZipFile(path) as archive:
            return {name.removesuffix(".npy"): _header(archive, name) for name in archive.namelist()}
    except (
        zipfile.BadZipFile,
        struct.error,
        SyntaxError,
        ValueError,
        KeyError,
        EOFError,
        NotImplementedError,
    ) as error:
        raise ValueError(f"{path} is not a readable .npz file ({error}): replace it") from error


def _header(archive: zipfile.ZipFile, name: str) -> Header:
    with archive.open(name) as stream:
        magic = stream.read(8)
        if magic[:6] != b"\x93NUMPY" or magic[6] not in _LENGTHS:
            raise ValueError(f"{name} is no array")
        length = _LENGTHS[magic[6]]
        (size,) = struct.unpack(length, stream.read(struct.calcsize(length)))
        said = ast.literal_eval(stream.read(size).decode("utf-8" if magic[6] == 3 else "latin-1").strip())
    kind = said["descr"][1] if isinstance(said["descr"], str) else "V"
    return Header(tuple(said["shape"]), kind, str(said["descr"]))


def choose_arrays(path: Path, names: Iterable[str], keys: Mapping[str, str] | None = None) -> dict[str, str]:
    """Role (`images`, `test_labels`, `class_names`, …) → name of the array that has it.

    `keys` are such pairs as the user gave them, which decide alone. ValueError where an array is missing or the names
    fit several layouts.
    """
    names = list(names)
    listed = ", ".join(names) or "none"
    if keys:
        for role, name in keys.items():
            if name not in names:
                raise ValueError(f"{path} has no array {name!r} (it has {listed}): correct datasets.<name>.keys.{role}")
        return dict(keys)
    by_lower: dict[str, list[str]] = {}
    for name in names:
        by_lower.setdefault(name.lower(), []).append(name)
    roles = {}
    for part in PARTS:
        found = [pair for pair in PAIRS[part] if pair[0] in by_lower and pair[1] in by_lower]
        if len(found) > 1 or any(len(by_lower[name]) > 1 for pair in found for name in pair):
            shown = " and ".join(name for pair in found for each in pair for name in by_lower[each])
            raise ValueError(f"{path} has several arrays of {part}images ({shown}): choose in datasets.<name>.keys")
        if found:
            roles |= dict(
                zip((f"{part}images", f"{part}labels"), (by_lower[name][0] for name in found[0]), strict=True)
            )
            continue
        half = next((pair for pair in PAIRS[part] if pair[0] in by_lower), None)
        if half is not None:
            raise ValueError(
                f"{path} has no array {half[1]!r} beside {by_lower[half[0]][0]!r} (it has {listed}): add it, or say "
                "which arrays are meant in datasets.<name>.keys"
            )
    if "images" not in roles:
        raise ValueError(
            f"{path} has no arrays 'images' and 'labels', nor another known layout (it has {listed}): say which arrays "
            "are meant in datasets.<name>.keys"
        )
    named = [by_lower[name][0] for name in CLASS_NAMES if name in by_lower]
    return roles | ({"class_names": named[0]} if named else {})


def channels_axis(where: str, shape: tuple[int, ...]) -> int | None:
    """The axis of the channels in images of this shape: 1, 3, or None for grey images without one.

    ValueError, which begins with `where`, for any other shape, and where it could be either.
    """
    expected = "expected (N, H, W), (N, H, W, C) or (N, C, H, W), C in {1, 3}"
    if len(shape) == 3:
        return None
    if len(shape) == 2:
        side = round(shape[1] ** 0.5)
        advice = f": reshape to (N, {side}, {side})" if side**2 == shape[1] else ""
        raise ValueError(f"{where} has shape {shape}, {expected}{advice}")
    if len(shape) != 4:
        raise ValueError(f"{where} has shape {shape}, {expected}")
    able = [axis for axis in (1, 3) if shape[axis] in (1, 3)]
    if len(able) == 2:
        raise ValueError(f"{where} has shape {shape}: axis 1 or axis 3 may be the channels: pad the images to 4 pixels")
    if able:
        return able[0]
    if 4 in (shape[1], shape[3]):
        kept = "[..., :3]" if shape[3] == 4 else "[:, :3]"
        raise ValueError(f"{where} has shape {shape}, {expected}: drop the transparency, images{kept}")
    raise ValueError(f"{where} has shape {shape}, {expected}")


def check_arrays(path: Path, keys: Mapping[str, str] | None = None) -> dict[str, str]:
    """Role → array, once names, shapes and types are right; ValueError with one line otherwise."""
    headers = read_headers(path)
    roles = choose_arrays(path, headers, keys)
    for role, name in roles.items():
        if headers[name].kind == "O":
            raise ValueError(
                f"{path}: {name} holds Python objects, which are never loaded (allow_pickle=False): save plain values"
            )
        if headers[name].kind in "Vc":
            raise ValueError(f"{path}: {name} is {headers[name].type}: save {role} as plain numbers")
    sides = {}
    for part in PARTS:
        if f"{part}images" not in roles:
            continue
        images, labels = roles[f"{part}images"], roles[f"{part}labels"]
        shape, count = headers[images].shape, headers[labels].shape
        axis = channels_axis(f"{path}: {images}", shape)
        if 0 in shape:
            raise ValueError(f"{path}: {images} has shape {shape}, and so no pixel: replace it")
        if count[:1] != shape[:1] and not (len(count) == 2 and count == (1, shape[0])):
            raise ValueError(f"{path}: {labels} has shape {count} for {shape[0]} images: give one label per image")
        sides[images] = shape[1:] if axis is None else (shape[2], shape[3]) if axis == 1 else (shape[1], shape[2])
        sides[images] += (1 if axis is None else shape[axis],)
    first = next(iter(sides))
    for images, side in sides.items():
        if side != sides[first]:
            given, other = (f"{w} × {h} with {c} channel{'s' * (c > 1)}" for h, w, c in (sides[first], side))
            raise ValueError(f"{path}: {first} are {given}, {images} are {other}: bring them to one size")
    return roles
