"""What a stage is handed: the inputs of its recipe, where to write, and the device."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.inputs.artifacts import Inputs


@dataclass(frozen=True)
class Job(Inputs):
    """One artifact in the making.

    `out` is the folder for the payload; `scratch` a folder that survives a kill, for checkpoints; `source_files` the
    files of a data set's source; `device` "cpu" or "cuda".
    """

    out: Path
    scratch: Path
    source_files: tuple[Path, ...] = ()
    device: str = "cpu"
