"""A user's own arrays: an .npz file of images and labels, in a known layout or by the names of its arrays."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np

from workflow_scripts.data.class_labels import number_classes
from workflow_scripts.data.images import LabelledImages, Source
from workflow_scripts.data.npz_layout import PARTS, channels_axis, check_arrays


def load(files: list[Path], keys: Mapping[str, str] | None = None) -> Source:
    """Images as (N, H, W), (N, H, W, C) or (N, C, H, W), C in {1, 3}, of whole numbers in 0 … 255, with their labels.

    `keys`: role → array name, as `npz_layout.choose_arrays` returns them, where the names fit no known layout. A
    validation and a test set of its own are optional. No pickled object is ever loaded.
    """
    path = files[0]
    roles = check_arrays(path, keys)
    with np.load(path, allow_pickle=False) as archive:
        content = {role: archive[name] for role, name in roles.items()}
        unused = [name for name in archive.files if name not in roles.values()]
    notes = [f"{path}: the array {name} is not used" for name in unused]
    present = [part for part in PARTS if f"{part}images" in roles]
    named = {roles[f"{part}labels"]: content[f"{part}labels"] for part in present}
    try:
        numbers, names, said = number_classes(named, content.get("class_names"))
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error
    parts = {}
    for part in present:
        where = f"{path}: {roles[f'{part}images']}"
        images = _channels_first(where, _as_bytes(where, content.pop(f"{part}images"), notes))
        parts[part] = LabelledImages(images, numbers[roles[f"{part}labels"]])
    notes += [f"{path}: {line}" for line in said]
    return Source(parts[""], parts.get("test_"), names, parts.get("validation_"), tuple(notes))


def _as_bytes(where: str, images: np.ndarray, notes: list[str]) -> np.ndarray:
    """Whole numbers in 0 … 255 as uint8; ValueError for what would have to be scaled or rounded.

    Numbers in 0 … 1 of another type than uint8 may be a scale of their own, and are refused.
    """
    lowest, highest = images.min().item(), images.max().item()
    if images.dtype == np.uint8:
        if highest <= 1:
            notes.append(f"{where}: no value is above {highest}, of 255: these images are black")
        return images
    if images.dtype.kind in "iu" and lowest >= 0 and 1 < highest <= 255:
        notes.append(f"{where}: {images.dtype} values in {lowest} … {highest} are taken as uint8")
        return images.astype(np.uint8)
    advice = "scale them to 0 … 255 and save them as uint8"
    if images.dtype.kind == "f" and lowest >= 0 and highest <= 1:
        advice = "save np.round(255 * images).astype(np.uint8)"
    raise ValueError(f"{where} is {images.dtype} in {lowest:.6g} … {highest:.6g}, expected uint8 in 0 … 255: {advice}")


def _channels_first(where: str, images: np.ndarray) -> np.ndarray:
    axis = channels_axis(where, images.shape)
    if axis is None:
        return images[:, None]
    return images if axis == 1 else images.transpose(0, 3, 1, 2).copy()
