"""The shards of an adversarial set (HDF5 files) as one sequence of images, quantised as they are read."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from pathlib import Path
from typing import TypeVar

import h5py
import numpy as np
import torch
from numpy.typing import NDArray

from workflow_scripts.attacks.quantise import quantise
from workflow_scripts.data.pixels import to_unit_range
from workflow_scripts.inputs.adversarial_sets import FILE, read_columns
from workflow_scripts.inputs.artifacts import Inputs

IMAGES_PER_READ = 128
"""Images that are read and quantised together when a whole set is loaded into memory."""
MAX_OPEN_FILES = 200
"""Files that are open at once; a process may often have no more than 1,024."""

K = TypeVar("K", bound=Hashable)


def shard_files(inputs: Inputs, key: Callable[[dict], K]) -> dict[K, list[Path]]:
    """key(role) → files of the shards with this key, by the position of their first image."""
    starts: dict[K, list[tuple[int, Path]]] = {}
    for item in inputs.all(name="shard"):
        starts.setdefault(key(item.role), []).append((item.role["start"], item.artifact.file(FILE)))
    return {name: [path for _, path in sorted(parts)] for name, parts in starts.items()}


def read_shard_columns(files: Sequence[Path], names: Sequence[str]) -> dict[str, NDArray]:
    """Per-sample columns of all shards, one after the other, by name."""
    parts = [read_columns(path, names) for path in files]
    return {name: np.concatenate([part[name] for part in parts]) for name in names}


class OpenFiles:
    """HDF5 files that stay open between reads, at most MAX_OPEN_FILES: the one opened first makes room."""

    def __init__(self) -> None:
        self._files: dict[Path, h5py.File] = {}

    def __len__(self) -> int:
        return len(self._files)

    def __getitem__(self, path: Path) -> h5py.File:
        if path not in self._files:
            while len(self._files) >= MAX_OPEN_FILES:
                self._files.pop(next(iter(self._files))).close()
            self._files[path] = h5py.File(path, "r", locking=False)
        return self._files[path]

    def close(self, paths: Sequence[Path]) -> None:
        """Close those of `paths` that are open."""
        for path in self._files.keys() & set(paths):
            self._files.pop(path).close()


class ShardedImages:
    """The adversarial images of a set's shards, in order, after the quantisation.

    files: the shards in order. quantisation: "none", "round" or "truncate"; images that are stored as uint8 were
    quantised before and stay as they are.
    """

    def __init__(self, files: Sequence[Path], quantisation: str, open_files: OpenFiles | None = None) -> None:
        self.files, self.quantisation = tuple(files), quantisation
        self._open = OpenFiles() if open_files is None else open_files
        self._starts = np.cumsum([0, *(len(read_columns(path, ("index",))["index"]) for path in self.files)])

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getitem__(self, rows: NDArray) -> NDArray:
        """The images (n, C, H, W) float32 in [0, 1] of `rows`, in any order and with repetitions."""
        ascending, position = np.unique(rows, return_inverse=True)  # HDF5 reads ascending rows, each once
        return to_unit_range(self._read(ascending)[position])

    def load(self) -> NDArray:
        """All images in memory: uint8, or float32 in [0, 1] where nothing is quantised.

        They are read a few at a time: quantisation computes in double precision, eight times the size of the result.
        """
        rows = np.arange(len(self))
        first = self._read(rows[:1])
        images = np.empty((len(rows), *first.shape[1:]), first.dtype)
        for start in range(0, len(rows), IMAGES_PER_READ):
            images[start : start + IMAGES_PER_READ] = self._read(rows[start : start + IMAGES_PER_READ])
        self.close()
        return images

    def close(self) -> None:
        """Close the shards' files; they are opened again when they are read again."""
        self._open.close(self.files)

    def _read(self, rows: NDArray) -> NDArray:
        """The quantised images of ascending rows: uint8, or float32 where nothing is quantised."""
        parts = []
        for path, start, stop in zip(self.files, self._starts[:-1], self._starts[1:], strict=True):
            here = rows[(rows >= start) & (rows < stop)] - start
            if len(here):
                contiguous = here[-1] - here[0] + 1 == len(here)  # HDF5 reads a slice many times as fast
                stored = self._open[path]["x_adv"][slice(here[0], here[-1] + 1) if contiguous else here]
                parts.append(stored if stored.dtype == np.uint8 else self._quantised(stored))
        return np.concatenate(parts)

    def _quantised(self, images: NDArray) -> NDArray:
        return quantise(torch.from_numpy(images), self.quantisation).numpy()
