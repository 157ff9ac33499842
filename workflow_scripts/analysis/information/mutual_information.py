"""Mutual information of feature maps (information_flow paper, section III-A).

I(m; m') of two maps of one image: the values of each map are put into buckets by its own range, and the maps are read
as P = H·W draws of a pair of bucket numbers. In nats.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

import numpy as np

from workflow_scripts.analysis.information.buckets import common_size, pack_maps, packed_information


def is_tensor(maps: object) -> bool:
    """Whether `maps` is a torch tensor, without importing torch."""
    torch = sys.modules.get("torch")
    return torch is not None and isinstance(maps, torch.Tensor)


def to_numpy(maps) -> np.ndarray:
    """NumPy array of an array or of a tensor; sixteen-bit floats become float32, which holds them exactly."""
    if not is_tensor(maps):
        return np.asarray(maps)
    import torch

    maps = maps.detach().cpu()
    return (maps.float() if maps.dtype in (torch.bfloat16, torch.float16) else maps).numpy()


def measure_for(*maps) -> tuple[Callable, Callable]:
    """The functions (prepare, compare) that measure mutual information on the device of these maps.

    prepare(maps, size, buckets, name) buckets (N, C, H, W) maps; compare(a, b) gives the mutual information (N, A, B)
    in nats of two results of `prepare`. Arrays and CPU tensors are bit-packed; tensors on an accelerator stay there.
    ValueError for maps on several devices.
    """
    devices = {str(m.device) if is_tensor(m) else "cpu" for m in maps}
    if len(devices) > 1:
        raise ValueError(f"the maps lie on several devices: {', '.join(sorted(devices))}")
    if devices == {"cpu"}:
        return _pack, packed_information
    from workflow_scripts.analysis.information.one_hot import label_maps, labelled_information

    return label_maps, labelled_information


def _pack(maps, size, buckets, name):
    return pack_maps(to_numpy(maps), size, buckets, name)


def check_layout(a, b, layout: str) -> None:
    """Raise ValueError unless `a` and `b` have as many axes as `layout` and, with an axis N, as many images."""
    for name, maps in (("a", a), ("b", b)):
        if maps.ndim != layout.count(",") + 1:
            raise ValueError(f"{name} must have the layout {layout}, not shape {tuple(maps.shape)}")
    if "N" in layout and len(a) != len(b):
        raise ValueError(f"a holds {len(a)} images and b {len(b)}")


def mutual_information(a, b, buckets: int = 8):
    """Mutual information of every map of `a` with every map of `b`, of one image.

    a (A, H, W), b (B, h, w): NumPy arrays or torch tensors of real numbers. Returns (A, B) float64 in
    nats, from 0 to min(H(a), H(b)) ≤ log(buckets + 1): an array for arrays, a tensor on the same device
    where either is a tensor. Maps of different size are compared at the smaller height and the smaller width, to which
    the larger maps are max-pooled first (adaptively, where the size is no multiple). A constant map has mutual
    information 0. Exactly symmetric.

    ValueError: a wrong number of axes, empty maps, a NaN or an infinite value, buckets outside 1 …
    65,535.
    """
    check_layout(a, b, "(C, H, W)")
    return mutual_information_batch(a[None], b[None], buckets)[0]


def mutual_information_batch(a, b, buckets: int = 8):
    """`mutual_information` of a batch of images: (N, A, H, W) and (N, B, h, w) → (N, A, B) float64 in
    nats.

    Maps are compared within an image, never across images. ValueError also where the numbers of images
    differ.
    """
    check_layout(a, b, "(N, C, H, W)")
    prepare, compare = measure_for(a, b)
    size = common_size(a.shape, b.shape)
    information = compare(prepare(a, size, buckets, "a"), prepare(b, size, buckets, "b"))
    if (is_tensor(a) or is_tensor(b)) and not is_tensor(information):
        import torch

        return torch.from_numpy(information)
    return information
