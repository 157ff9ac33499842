"""Adversarial sets on disk (HDF5): their images and per-sample columns."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np

from workflow_scripts.data.pixels import to_unit_range

FILE = "adversarial.h5"
PER_SAMPLE = (
    "index",
    "label",
    "skipped",
    "predicted_before",
    "predicted_after",
    "success",
    "confidence",
    "l0",
    "l2",
    "linf",
    "l2_normalised",
    "linf_normalised",
    "iteration",
    "forwards",
    "backwards",
    "zero_gradient",
)
"""The columns, one number per sample; a set also has `x_adv` and `input_sha256` (of the clean image's uint8 bytes)."""
OF_ATTACK = "success_of_attack"
"""A column of controls: the success, on the same image, of the attack that the control imitates."""


def input_hashes(images: np.ndarray) -> np.ndarray:
    """SHA-256 (N,) of each image's bytes, 32 bytes each."""
    return np.array([np.void(hashlib.sha256(image.tobytes()).digest()) for image in images])


def write_set(path: Path, columns: dict[str, np.ndarray], x_adv: np.ndarray) -> None:
    """Write a set: `columns` (N,) by the names of PER_SAMPLE and input_sha256, for a control also OF_ATTACK; `x_adv`
    (N, C, H, W), float32 or uint8.

    Every image has a chunk with a Fletcher-32 checksum of its own, so that reading a flipped bit is an error.
    """
    with h5py.File(path, "w", libver="latest", track_order=False) as file:
        file.create_dataset("x_adv", data=x_adv, chunks=(1, *x_adv.shape[1:]), fletcher32=True)
        for name in (*PER_SAMPLE, "input_sha256", *({OF_ATTACK} & columns.keys())):
            file.create_dataset(name, data=columns[name])


def read_columns(path: Path, names: Iterable[str] = PER_SAMPLE) -> dict[str, np.ndarray]:
    """Columns (N,) of a set by name."""
    with h5py.File(path, "r", locking=False) as file:
        return {name: file[name][:] for name in names}


def read_grouping_columns(path: Path, names: Iterable[str]) -> dict[str, np.ndarray]:
    """Columns (N,) of a set by name, to group inputs by; `success` of a control is that of the attack it imitates.

    So the groups of a control consist of the same images as those of its attack.
    """
    with h5py.File(path, "r", locking=False) as file:
        success = OF_ATTACK if OF_ATTACK in file else "success"
        return {name: file[success if name == "success" else name][:] for name in names}


def read_images(path: Path, rows: slice | np.ndarray = slice(None)) -> np.ndarray:
    """Adversarial images (n, C, H, W) of a set, float32 in [0, 1]; an array of `rows` must be ascending."""
    with h5py.File(path, "r", locking=False) as file:
        return to_unit_range(file["x_adv"][rows])
