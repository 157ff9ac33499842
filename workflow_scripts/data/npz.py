"""A user's own arrays: an .npz file with `images` and `labels`, and optionally `test_images` and `test_labels`."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from workflow_scripts.data.images import LabelledImages, Source


def load(files: list[Path]) -> Source:
    """uint8 images as (N, H, W), (N, H, W, C) or (N, C, H, W), C in {1, 3}; integer labels (N,).

    Optional `class_names` (an array of text). No pickled object is ever loaded.
    """
    path = files[0]
    with np.load(path, allow_pickle=False) as archive:
        content = {name: archive[name] for name in archive.files}
    for name in ("images", "labels"):
        if name not in content:
            raise ValueError(f"{path} has no array {name!r} (it has {', '.join(content) or 'none'})")
    pool = LabelledImages(_channels_first(content["images"], path), content["labels"].astype(np.int64))
    test = None
    if "test_images" in content:
        test = LabelledImages(_channels_first(content["test_images"], path), content["test_labels"].astype(np.int64))
    names = content.get("class_names")
    if names is None:
        names = [str(label) for label in range(int(pool.labels.max()) + 1)]
    return Source(pool, test, tuple(str(name) for name in names))


def _channels_first(images: np.ndarray, path: Path) -> np.ndarray:
    if images.dtype != np.uint8:
        raise ValueError(f"{path}: images are {images.dtype}, expected uint8 in 0 … 255")
    if images.ndim == 3:
        return images[:, None]
    if images.ndim == 4 and images.shape[1] in (1, 3):
        return images
    if images.ndim == 4 and images.shape[3] in (1, 3):
        return images.transpose(0, 3, 1, 2).copy()
    raise ValueError(f"{path}: images have shape {images.shape}, expected (N, H, W), (N, H, W, C) or (N, C, H, W)")
