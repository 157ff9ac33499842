"""What a stage is handed: its recipe, its inputs, where to write, and how to report."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from workflow_scripts.store.artifact import Artifact

T = TypeVar("T")


@dataclass(frozen=True)
class RoleArtifact:
    """An input artifact and the role that it plays in the recipe."""

    role: dict
    artifact: Artifact


@dataclass(frozen=True)
class Job:
    """One artifact in the making.

    `out` is the folder for the payload; `scratch` a folder that survives a kill, for checkpoints; `source_files` the
    files of a data set's source; `device` "cpu" or "cuda".
    """

    label: str
    parameters: dict
    inputs: tuple[RoleArtifact, ...]
    out: Path
    scratch: Path
    source_files: tuple[Path, ...] = ()
    device: str = "cpu"

    def one(self, **role) -> Artifact:
        """The only input whose role has these entries; LookupError where there is none or several."""
        found = self.all(**role)
        if len(found) != 1:
            raise LookupError(f"{len(found)} inputs play the role {role}, expected one")
        return found[0].artifact

    def all(self, **role) -> list[RoleArtifact]:
        """Every input whose role has these entries, in the recipe's order."""
        return [i for i in self.inputs if role.items() <= i.role.items()]


def progress(items: Iterable[T], *, total: int | None = None, text: str = "", unit: str = "it") -> Iterator[T]:
    """tqdm, with a line every 30 seconds instead of a redrawn bar where the output is a log file."""
    import sys

    from tqdm import tqdm

    live = sys.stderr.isatty()
    bar = tqdm(
        items,
        total=total,
        desc=text,
        unit=unit,
        mininterval=0.5 if live else 30,
        maxinterval=10 if live else 60,
        ascii=not live,
        bar_format=None if live else "{desc}: {n_fmt}/{total_fmt} {unit}, {elapsed} elapsed, {rate_fmt}\n",
    )
    yield from bar
