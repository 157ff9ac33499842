"""Mutual information of feature maps on an accelerator: joint counts as products of one-hot matrices.

The results are bit for bit those of the compiled loops: bucket numbers come from the same float64 formula, products of
zeros and ones accumulated in float32 are exact counts up to 2^24, and counts are summed by the same fixed-point table.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from workflow_scripts.analysis.information.buckets import check_batch, check_buckets, count_table, not_finite, too_wide

_MAX_COUNT = 2**24
_MAX_JOINT = 2**24  # joint counts held at a time: 64 MiB of float32 and twice that of each int64 copy


@dataclass(frozen=True)
class LabelledMaps:
    """Bucket numbers (N, C, P) int32 of maps of one size, and Σ c·log c (N, C) int64 over each map's bucket sizes c."""

    labels: torch.Tensor
    weight: torch.Tensor
    buckets: int

    @property
    def images(self) -> int:
        """N."""
        return self.labels.shape[0]

    @property
    def channels(self) -> int:
        """C."""
        return self.labels.shape[1]

    @property
    def positions(self) -> int:
        """P."""
        return self.labels.shape[2]

    def of_images(self, images: slice) -> LabelledMaps:
        """The maps of a slice of the images."""
        return LabelledMaps(self.labels[images], self.weight[images], self.buckets)


def _table(positions: int, device: torch.device) -> torch.Tensor:
    return torch.from_numpy(count_table(positions)[0].copy()).to(device)


def label_maps(maps: torch.Tensor, size: tuple[int, int], buckets: int = 8, name: str = "maps") -> LabelledMaps:
    """Max-pool (N, C, H, W) maps to `size` and bucket them on the tensor's device, which must support float64.

    The tensor counterpart of `buckets.pack_maps`, with the same windows, errors and bucket numbers; more
    than 2^24 positions are a ValueError.
    """
    check_batch(maps, name)
    buckets = check_buckets(buckets)
    maps = maps.detach()
    if maps.is_complex():
        raise ValueError(f"{name} must be real numbers, not {maps.dtype}")
    if size[0] * size[1] > _MAX_COUNT:
        raise ValueError(f"{name}: maps of {size[0]} × {size[1]} exceed 2^24 positions, the exact counts")
    maps = maps.double()
    _check(torch.isfinite(maps).flatten(2).all(-1), not_finite, name)
    if tuple(maps.shape[-2:]) != size:
        maps = torch.nn.functional.adaptive_max_pool2d(maps, size)
    values = maps.flatten(2)
    low = values.amin(-1, keepdim=True)
    span = values.amax(-1, keepdim=True) - low
    _check(torch.isfinite(buckets * span).squeeze(-1), too_wide, name)
    fraction = buckets * (values - low) / torch.where(span == 0, torch.ones_like(span), span)
    labels = fraction.ceil().clamp(max=buckets).int()
    weight = _table(labels.shape[-1], labels.device)[_bucket_sizes(labels, buckets)].sum(-1)
    return LabelledMaps(labels, weight, buckets)


def _bucket_sizes(labels: torch.Tensor, buckets: int) -> torch.Tensor:
    """Numbers of positions (N, C, B + 1) int64 of each map's buckets."""
    sizes = torch.zeros(*labels.shape[:2], buckets + 1, dtype=torch.int64, device=labels.device)
    return sizes.scatter_add_(2, labels.long(), torch.ones_like(labels, dtype=torch.int64))


def labelled_size_histograms(maps: LabelledMaps, maps_per_row: int) -> torch.Tensor:
    """Numbers (R, P + 1) int64 of buckets of each size ≥ 1, summed over `maps_per_row` maps after another."""
    sizes = _bucket_sizes(maps.labels, maps.buckets).reshape(-1, maps_per_row * (maps.buckets + 1))
    histograms = torch.zeros(len(sizes), maps.positions + 1, dtype=torch.int64, device=sizes.device)
    histograms.scatter_add_(1, sizes, torch.ones_like(sizes))
    histograms[:, 0] = 0
    return histograms


def _check(holds: torch.Tensor, error, name: str) -> None:
    if not bool(holds.all()):
        image, channel = (int(index) for index in torch.nonzero(~holds)[0])
        raise error(name, image, channel)


def _one_hot(labels: torch.Tensor, buckets: int) -> torch.Tensor:
    """(N, C, P) bucket numbers as (N, C·(B + 1), P) float32 indicators."""
    numbers = torch.arange(buckets + 1, device=labels.device, dtype=labels.dtype)
    return (labels.unsqueeze(2) == numbers[:, None]).flatten(1, 2).float()


def labelled_information(a: LabelledMaps, b: LabelledMaps) -> torch.Tensor:
    """Mutual information (N, A, B) in nats, float64, of all pairs of maps of each image, labelled at one size."""
    images, maps_a, positions = a.labels.shape
    maps_b, groups = b.labels.shape[1], b.buckets + 1
    device = a.labels.device
    table, unit = _table(positions, device), count_table(positions)[1]
    information = torch.empty(images, maps_a, maps_b, dtype=torch.float64, device=device)
    row = maps_b * groups * groups  # joint counts of one map of a with all maps of b
    rows = max(1, min(maps_a, _MAX_JOINT // row))
    batch = max(1, _MAX_JOINT // (row * rows))
    # an autocast region of the caller would round the counts to half precision
    with torch.no_grad(), torch.autocast(device.type, enabled=False):
        for n in range(0, images, batch):
            indicators_b = _one_hot(b.labels[n : n + batch], b.buckets).transpose(1, 2)
            for i in range(0, maps_a, rows):
                indicators_a = _one_hot(a.labels[n : n + batch, i : i + rows], a.buckets)
                counts = (indicators_a @ indicators_b).long()
                counts = counts.view(len(counts), -1, groups, maps_b, groups)
                joint = table[counts].sum((2, 4))
                margins = a.weight[n : n + batch, i : i + rows, None] + b.weight[n : n + batch, None]
                total = (table[-1] + joint - margins).clamp(min=0)
                information[n : n + batch, i : i + rows] = total.double() * unit
    return information
