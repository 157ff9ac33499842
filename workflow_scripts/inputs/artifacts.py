"""The input artifacts of a recipe, found by their roles.

What was measured on a control instead of an attack has the role of the attack's measurement and one entry more,
`control`, the kind of control.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

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
        """All inputs whose roles have these entries, in the recipe's order; those of controls only where named."""
        return [
            item
            for item in self.artifacts
            if role.items() <= item.role.items() and ("control" in role or "control" not in item.role)
        ]

    def under(self, control: str) -> Inputs:
        """The same inputs with each attack's measurements replaced by those of its control, where there are some.

        LookupError where there are none at all.
        """
        measured = {_without_control(item.role): item.artifact for item in self.all(control=control)}
        if not measured:
            raise LookupError(f"{self.label} has no control {control!r}")
        artifacts = tuple(
            RoleArtifact(item.role, measured.get(_without_control(item.role), item.artifact)) for item in self.all()
        )
        return replace(self, artifacts=artifacts)


def _without_control(role: dict) -> tuple:
    """What a measurement's role and that of its control have in common."""
    return tuple(sorted((key, str(value)) for key, value in role.items() if key != "control"))
