"""Distances between groups of inputs' information paths, and their bootstrap over images.

Distances are between the groups' mean paths (section III.B), in nats. Images are resampled, each together with all
inputs that were made from it. The distance between two samples is never zero even where the groups are alike, and it
grows as the samples get smaller; therefore groups of equal size are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from workflow_scripts.analysis.information.paths import path_distance
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.bootstrap import Evidence, bootstrap, image_keys, not_measured
from workflow_scripts.papers.information_flow.aggregated_paths import NORMAL, image_numbers, read_path

MIN_GROUP_SIZE = 10
"""Inputs that a group needs at least where groups of different sizes are compared."""


@dataclass(frozen=True)
class InputGroup:
    """A group of inputs. values: (N, …), one entry per input; images: (N,), the key of each input's image."""

    values: np.ndarray
    images: np.ndarray


def mean_path_distance(paths: np.ndarray, others: np.ndarray) -> float:
    """The distance between two groups' mean paths; paths (N, K), others (M, K)."""
    return float(path_distance(paths.mean(0), others.mean(0)))


def equal_size_distance(size: int, normal: np.ndarray, paths: np.ndarray) -> float:
    """The mean distance from the normal paths over consecutive parts of `size` inputs of a group; paths (N, K)."""
    part_count = len(paths) // size
    parts = paths[: part_count * size].reshape(part_count, size, -1)
    return float(path_distance(parts.mean(1), normal.mean(0)).mean())


def read_group(inputs: Inputs, item: RoleArtifact, path: str) -> InputGroup:
    """The paths (N, K) of one group; normal inputs are training images, attacked ones test images."""
    split = "train" if item.role["attack"] == NORMAL else "test"
    return InputGroup(read_path(inputs, item, path, "inputs"), image_keys(image_numbers(item), split))


def groups_by_seed(inputs: Inputs, path: str, **role) -> dict[int, InputGroup]:
    """Training seed → the paths of the group of inputs with that role."""
    return {item.role["seed"]: read_group(inputs, item, path) for item in inputs.all(name="aggregated_paths", **role)}


def bootstrap_common_seeds(groups: list[dict[int, InputGroup]], statistic: Callable[..., float]) -> Evidence:
    """The statistic of these groups over the training seeds that all of them have."""
    if not all(groups):
        return not_measured("the configuration makes no such inputs")
    seeds = [seed for seed in groups[0] if all(seed in by_seed for by_seed in groups)]
    if not seeds:
        return not_measured("no training seed has all of the groups")
    return bootstrap_groups([[by_seed[seed] for by_seed in groups] for seed in seeds], statistic)


def bootstrap_groups(seeds: list[list[InputGroup]], statistic: Callable[..., float]) -> Evidence:
    """The statistic of every training seed's groups; images are resampled."""
    images = [[group.images for group in groups] for groups in seeds]
    return bootstrap([[group.values for group in groups] for groups in seeds], statistic, images=images)


def smallest_size(groups: Sequence[dict[int, InputGroup]]) -> int:
    """The size of the smallest group of any training seed."""
    return min((len(group.values) for by_seed in groups for group in by_seed.values()), default=0)
