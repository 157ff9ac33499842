"""The input artifacts of a recipe, found by their roles."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_scripts.store.artifact import Artifact


@dataclass(frozen=True)
class RoleArtifact:
    """An input artifact and its role in the recipe, e.g. {"name": "model", "seed": 0}."""

    role: dict
    artifact: Artifact


@dataclass(frozen=True)
class Inputs:
    """A recipe's label, parameters and input artifacts, in the recipe's order."""

    label: str
    parameters: dict
    artifacts: tuple[RoleArtifact, ...]

    def one(self, **role) -> Artifact:
        """The only input whose role has these entries; LookupError where there is none or several."""
        matching = self.all(**role)
        if len(matching) != 1:
            raise LookupError(f"{len(matching)} inputs of {self.label} have the role {role}, expected one")
        return matching[0].artifact

    def all(self, **role) -> list[RoleArtifact]:
        """All inputs whose roles have these entries, in the recipe's order."""
        return [item for item in self.artifacts if role.items() <= item.role.items()]
