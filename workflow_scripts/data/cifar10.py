"""CIFAR-10 from its binary or its Python layout, every file checked against its published MD5 sum."""

from __future__ import annotations

import codecs
import hashlib
import importlib
import io
import pickle
from pathlib import Path

import numpy as np

from workflow_scripts.data.images import LabelledImages, Source
from workflow_scripts.data.source_files import CIFAR10_BATCHES

CLASS_NAMES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
MD5 = {
    "data_batch_1.bin": "5dd7e06a14cb22eb9f671a540d1b7c25",
    "data_batch_2.bin": "5ea93a67294ea407fff1d09f752e9692",
    "data_batch_3.bin": "942cd6a4bcdd0dd3c604fbe906cb4421",
    "data_batch_4.bin": "ae636b3ba5c66a11e91e8cb52e771fcb",
    "data_batch_5.bin": "53f37980c15c3d472c316c40844f3f0d",
    "test_batch.bin": "803d5f7f4d78ea53de84dbe85f74fb6d",
    "data_batch_1": "c99cafc152244af753f735de768cd75f",
    "data_batch_2": "d4bba439e000b95fd0a9bffe97cbabec",
    "data_batch_3": "54ebc095f3ab1f0389bbae665268c751",
    "data_batch_4": "634d18415352ddfa80567beed471001a",
    "data_batch_5": "482c414d41f54cd18b22e5b47cb7c3cb",
    "test_batch": "40351d587109b95175f43aff81a1287e",
}


def load(files: list[Path]) -> Source:
    """All 60,000 images from the six batch files, in the official order."""
    parts = [read_batch(path) for path in sorted(files, key=lambda path: CIFAR10_BATCHES.index(path.stem))]
    images, labels = ([part[k] for part in parts] for k in (0, 1))
    pool = LabelledImages(np.concatenate(images[:-1]), np.concatenate(labels[:-1]))
    return Source(pool, LabelledImages(images[-1], labels[-1]), CLASS_NAMES)


def read_batch(path: Path) -> tuple[np.ndarray, np.ndarray]:
    """One batch of 10,000: uint8 images (10000, 3, 32, 32) and int64 labels; ValueError where the file is damaged."""
    content = path.read_bytes()
    found = hashlib.md5(content, usedforsecurity=False).hexdigest()
    if found != MD5[path.name]:
        raise ValueError(f"{path} is damaged (MD5 {found}, published {MD5[path.name]}): fetch CIFAR-10 again")
    if path.suffix == ".bin":
        records = np.frombuffer(content, np.uint8).reshape(10_000, 3073)
        pixels, labels = records[:, 1:], records[:, 0]
    else:
        batch = _ArraysOnly(io.BytesIO(content), encoding="bytes").load()
        pixels, labels = batch[b"data"], batch[b"labels"]
    return pixels.reshape(-1, 3, 32, 32).copy(), np.asarray(labels, np.int64)


class _ArraysOnly(pickle.Unpickler):
    """Reads the Python layout's pickles and refuses to name anything but what rebuilds NumPy arrays and bytes."""

    def find_class(self, module, name):
        if (module, name) == ("_codecs", "encode"):
            return codecs.encode
        if module.split(".")[0] == "numpy" and name in ("_reconstruct", "_frombuffer", "ndarray", "dtype"):
            if name.startswith("_"):
                return getattr(
                    importlib.import_module(
                        "numpy._core.numeric" if name == "_frombuffer" else "numpy._core.multiarray"
                    ),
                    name,
                )
            return getattr(np, name)
        raise pickle.UnpicklingError(f"the batch file names {module}.{name}, which is not an array")
