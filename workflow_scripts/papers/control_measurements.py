"""What was measured on the controls of an attack, found by the role of the attack's own measurement."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs
from workflow_scripts.store.artifact import Artifact


def controls_measured(inputs: Inputs, role: dict) -> dict[str, Artifact]:
    """Kind of control → the artifact whose role is `role` and that kind, in the recipe's order."""
    return {
        item.role["control"]: item.artifact
        for item in inputs.artifacts
        if "control" in item.role and role.items() <= item.role.items()
    }
