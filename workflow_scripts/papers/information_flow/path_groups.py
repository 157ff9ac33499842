"""Groups of inputs' paths, distances between them, and what images that are drawn again say of a claim.

Distances are between groups' mean paths (section III.B), in nats; images are resampled, and with each all inputs that
were made of it. A distance of two samples is never zero even where the groups are alike, and more so the smaller they
are; groups of one size are compared.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from workflow_scripts.analysis.information.paths import path_distance
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact
from workflow_scripts.papers.evidence import Evidence, bootstrap, missing
from workflow_scripts.papers.information_flow.groups import images, read

NORMAL = "normal"
ENOUGH = 10
"""Inputs that a group needs at least where groups of different sizes are compared."""


@dataclass(frozen=True)
class Group:
    """What is known of each input of a group, `values` (N, …), and the inputs' images (N,); None: images of its own."""

    values: np.ndarray
    images: np.ndarray | None = None


def gap(one: np.ndarray, other: np.ndarray) -> float:
    """Distance of two groups' mean paths; (N, K) and (M, K)."""
    return float(path_distance(one.mean(0), other.mean(0)))


def gap_at(size: int, normal: np.ndarray, group: np.ndarray) -> float:
    """Mean distance from the normal paths of the parts of `size` inputs that a group (N, K) has."""
    whole = len(group) // size
    parts = group[: whole * size].reshape(whole, size, -1)
    return float(path_distance(parts.mean(1), normal.mean(0)).mean())


def group_of(item: RoleArtifact, path: str) -> Group:
    """The paths (N, K) of the group that the role names; normal inputs are of another split than attacked ones."""
    return Group(read(item, path, "inputs"), None if item.role["attack"] == NORMAL else images(item))


def group(inputs: Inputs, path: str, **role) -> dict[int, Group]:
    """Training seed → the paths of one group of inputs."""
    return {item.role["seed"]: group_of(item, path) for item in inputs.all(**role)}


def over_seeds(groups: list[dict[int, Group]], statistic: Callable[..., float]) -> Evidence:
    """The statistic of these groups over the training seeds that all of them have."""
    if not all(groups):
        return missing("the configuration makes no such inputs")
    seeds = [seed for seed in groups[0] if all(seed in group for group in groups)]
    if not seeds:
        return missing("no training seed has all of the groups")
    return resampled([[group[seed] for group in groups] for seed in seeds], statistic)


def resampled(seeds: list[list[Group]], statistic: Callable[..., float]) -> Evidence:
    """The statistic of every training seed's groups, with the images as what is drawn."""
    numbers = [[group.images for group in groups] for groups in seeds]
    return bootstrap([[group.values for group in groups] for groups in seeds], statistic, images=numbers)


def smallest(groups: Sequence[dict[int, Group]]) -> int:
    """Inputs of the smallest group of any training seed."""
    return min((len(drawn.values) for made in groups for drawn in made.values()), default=0)
