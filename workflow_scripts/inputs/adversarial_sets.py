"""Adversarial sets on disk (HDF5): what every sample's record holds, and how it is written and read."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from pathlib import Path

import h5py
import numpy as np

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
"""One number a sample each; beside them `input_sha256` (of the input's uint8 bytes) and `x_adv`."""


def input_hashes(images: np.ndarray) -> np.ndarray:
    """SHA-256 of each image's bytes, (N,) of 32 bytes."""
    return np.array([np.void(hashlib.sha256(image.tobytes()).digest()) for image in images])


def write_set(path: Path, columns: dict[str, np.ndarray], x_adv: np.ndarray) -> None:
    """Write a set: `columns` as PER_SAMPLE and input_sha256; `x_adv` (N, C, H, W) float32 in [0, 1] or uint8.

    Images lie in chunks of one with a Fletcher-32 checksum each, so that a flipped bit is an error on reading.
    """
    with h5py.File(path, "w", libver="latest", track_order=False) as file:
        file.create_dataset("x_adv", data=x_adv, chunks=(1, *x_adv.shape[1:]), fletcher32=True)
        for name in (*PER_SAMPLE, "input_sha256"):
            file.create_dataset(name, data=columns[name])


def read_columns(path: Path, names: Iterable[str] = PER_SAMPLE) -> dict[str, np.ndarray]:
    """Per-sample columns by name."""
    with h5py.File(path, "r", locking=False) as file:
        return {name: file[name][:] for name in names}


def read_images(path: Path, chosen: slice | np.ndarray = slice(None), name: str = "x_adv") -> np.ndarray:
    """Images (N, C, H, W) as float32 in [0, 1]; `chosen` picks samples by ascending position."""
    with h5py.File(path, "r", locking=False) as file:
        images = file[name][chosen]
    return images.astype(np.float32) / 255 if images.dtype == np.uint8 else images
