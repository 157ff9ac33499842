"""The artifacts that a table or figure is made from, by name."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs


def source_names(inputs: Inputs) -> list[str]:
    """`<kind>/<folder>` of every input artifact, sorted, each once."""
    return sorted({f"{item.artifact.recipe['kind']}/{item.artifact.path.name}" for item in inputs.artifacts})
