"""Reading information paths of a group of inputs, as the measuring stages and the aggregate stage stored them.

The paths exist as the paper's plug-in estimate, as what is expected by chance, and corrected for chance: plug-in minus
expected. The recipe's parameter `information` says which of plug-in and corrected a table, figure or finding is about;
`measured_information` is the one place that reads it.
"""

from __future__ import annotations

import numpy as np

from workflow_scripts.analysis.information.group_names import group_name
from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact

NORMAL = "normal"
PATHS = {"input": "iip", "output": "oip"}
"""The paper's word for a path → its name in the files."""
PLUG_IN, EXPECTED, CORRECTED = "plug_in", "expected", "corrected"
SUFFIXES = {PLUG_IN: "", EXPECTED: "_expected", CORRECTED: "_corrected"}
"""Which estimate → what its paths' names end with in the files."""


def measured_information(inputs: Inputs) -> str:
    """The estimate that the recipe is about: `plug_in`, the paper's, or `corrected`."""
    return inputs.parameters.get("information", PLUG_IN)


def read_path(inputs: Inputs, item: RoleArtifact, path: str, part: str) -> np.ndarray:
    """`stored_path` of the estimate that the recipe is about."""
    return stored_path(item, path, part, measured_information(inputs))


def stored_path(item: RoleArtifact, path: str, part: str, information: str) -> np.ndarray:
    """`mean`, `lower` or `upper` (K,) of the group's aggregated path, or the path of every input, `inputs` (N, K).

    path: iip or oip; in nats; NaN where the group has no inputs. The group is the one that the role names. Of the
    expected paths only `inputs` is stored.
    """
    with np.load(item.artifact.file("aggregate.npz")) as content:
        return content[f"{_group_name(item)}/{path}{SUFFIXES[information]}_{part}"]


def measured_paths(item: RoleArtifact, information: str) -> dict[str, np.ndarray]:
    """The columns (N, …) of a measurement's paths.npz; its iip and oip (N, K) are those of the named estimate."""
    with np.load(item.artifact.file("paths.npz")) as content:
        columns = dict(content)
    for path in PATHS.values():
        expected = columns.pop(f"{path}_expected")
        if information == EXPECTED:
            columns[path] = expected
        elif information == CORRECTED:
            columns[path] = columns[path] - expected
    return columns


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
