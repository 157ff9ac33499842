"""The input artifacts of a recipe, by the role that each plays there."""

from __future__ import annotations

from dataclasses import dataclass

from workflow_scripts.store.artifact import Artifact


@dataclass(frozen=True)
class RoleArtifact:
    """An input artifact and the role that it plays in the recipe."""

    role: dict
    artifact: Artifact


@dataclass(frozen=True)
class Inputs:
    """What a table or figure is made from: the recipe's parameters and its input artifacts, in the recipe's order."""

    label: str
    parameters: dict
    artifacts: tuple[RoleArtifact, ...]

    def one(self, **role) -> Artifact:
        """The only input whose role has these entries; LookupError where there is none or several."""
        found = self.all(**role)
        if len(found) != 1:
            raise LookupError(f"{len(found)} inputs play the role {role}, expected one")
        return found[0].artifact

    def all(self, **role) -> list[RoleArtifact]:
        """Every input whose role has these entries, in the recipe's order."""
        return [i for i in self.artifacts if role.items() <= i.role.items()]
