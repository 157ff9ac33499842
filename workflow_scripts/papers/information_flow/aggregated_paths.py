"""Reading the aggregated information paths of a group of inputs, as the aggregate stage stored them."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.inputs.artifacts import RoleArtifact

NORMAL = "normal"
PATHS = {"input": "iip", "output": "oip"}
"""The paper's word for a path → its name in the files."""


def read_path(item: RoleArtifact, path: str, part: str) -> np.ndarray:
    """`mean`, `lower` or `upper` (K,) of the group's aggregated path, or the path of every input, `inputs` (N, K).

    path: iip or oip; in nats; NaN where the group has no inputs. The group is the one that the role names.
    """
    with np.load(item.artifact.file("aggregate.npz")) as content:
        return content[f"{_group_name(item)}/{path}_{part}"]


def image_numbers(item: RoleArtifact) -> np.ndarray:
    """The numbers (N,) of the group's images in their split: inputs of several groups may come from one image."""
    with np.load(item.artifact.file("aggregate.npz")) as content:
        return content[f"{_group_name(item)}/images"]


def input_count(item: RoleArtifact) -> int:
    """The number of inputs of the group."""
    return item.artifact.metrics["inputs"][_group_name(item)]


def layer_names(item: RoleArtifact) -> list[str]:
    """The names of the K conv layers."""
    with np.load(item.artifact.file("aggregate.npz")) as content:
        return [str(name) for name in content["layers"]]


def _group_name(item: RoleArtifact) -> str:
    return group_name(item.role["target"], item.role["subset"])
