"""A group of inputs' aggregated paths, as the aggregate stage stored them."""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact

PATHS = {"input": "iip", "output": "oip"}


def only(inputs: Inputs, **role) -> RoleArtifact:
    """The only input of these role entries; LookupError where there is none or several."""
    found = inputs.all(**role)
    if len(found) != 1:
        raise LookupError(f"{len(found)} inputs play the role {role}, expected one")
    return found[0]


def read(item: RoleArtifact, path: str, part: str) -> np.ndarray:
    """Of the group that the role names: `mean`, `lower` or `upper` (K,), or every input's own path, `inputs` (N, K).

    path: iip or oip; in nats; NaN where the group has no inputs.
    """
    with np.load(item.artifact.file("aggregate.npz")) as content:
        return content[f"{group_name(item.role['target'], item.role['subset'])}/{path}_{part}"]


def images(item: RoleArtifact) -> np.ndarray:
    """The numbers (N,) of the group's images in their split: inputs of several groups may be of one image."""
    with np.load(item.artifact.file("aggregate.npz")) as content:
        return content[f"{group_name(item.role['target'], item.role['subset'])}/images"]


def count(item: RoleArtifact) -> int:
    """How many inputs the group has."""
    return item.artifact.metrics["inputs"][group_name(item.role["target"], item.role["subset"])]


def layers(item: RoleArtifact) -> list[str]:
    """The names of the K conv layers."""
    with np.load(item.artifact.file("aggregate.npz")) as content:
        return [str(name) for name in content["layers"]]
