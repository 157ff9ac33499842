"""How this study's renderers find their inputs: by the entries of the roles that planning gave them."""

from __future__ import annotations

from workflow_scripts.inputs.artifacts import Inputs, RoleArtifact


def group_by_role(inputs: Inputs, *entries: str, name: str) -> dict[tuple[str, ...], list[RoleArtifact]]:
    """The inputs of that `name`, grouped by the values of their roles' `entries`, in the recipe's order."""
    groups: dict[tuple[str, ...], list[RoleArtifact]] = {}
    for item in inputs.all(name=name):
        groups.setdefault(tuple(item.role[entry] for entry in entries), []).append(item)
    return groups


def one_input(inputs: Inputs, **role) -> RoleArtifact:
    """The only input whose role has these entries; LookupError where there is none or several."""
    matches = inputs.all(**role)
    if len(matches) != 1:
        raise LookupError(f"{len(matches)} inputs play the role {role}, expected one")
    return matches[0]


def role_in_paper(inputs: Inputs, name: str) -> str:
    """The paper's word for a model or attack (original, compressed, adaptive_jsma), or its name where there is none."""
    return inputs.parameters["roles"].get(name, name)
