"""Finished artifacts: a payload and the manifest that says what made it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

MANIFEST = "manifest.json"


class ArtifactError(RuntimeError):
    """An artifact that is missing or damaged; the message names the command that fixes it."""


@dataclass(frozen=True)
class Artifact:
    """A folder of the store with its manifest."""

    path: Path

    @cached_property
    def manifest(self) -> dict:
        """The manifest's content; ArtifactError where it is missing or unreadable."""
        try:
            return json.loads((self.path / MANIFEST).read_text())
        except FileNotFoundError:
            raise ArtifactError(f"{self.path} is not a finished artifact (no {MANIFEST})") from None
        except (OSError, ValueError) as error:
            raise ArtifactError(f"{self.path / MANIFEST} is unreadable ({error}): {remedy(self.path)}") from error

    @property
    def recipe(self) -> dict:
        return self.manifest["recipe"]

    @property
    def parameters(self) -> dict:
        return self.recipe["parameters"]

    @property
    def metrics(self) -> dict:
        return self.manifest["metrics"]

    @property
    def digest(self) -> str:
        return self.manifest["digest"]

    def file(self, name: str) -> Path:
        """A payload file or folder by its name; ArtifactError where the artifact does not have it."""
        path = self.path / name
        if not path.exists():
            raise ArtifactError(f"{path} is missing: {remedy(self.path)}")
        return path


def remedy(path: Path) -> str:
    """The command after which a damaged artifact is made again."""
    command = f"python -m workflow_scripts.store verify --discard --store {path.parents[1]}"
    return f"{command} moves it away; then run snakemake again"
