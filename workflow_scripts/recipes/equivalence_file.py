"""The file of code equivalences, read and checked statement by statement."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Annotated, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workflow_scripts.recipes.yaml_text import parse

Fingerprint = Annotated[str, Field(pattern=r"^[0-9a-f]{16}$")]


class Equivalence(BaseModel):
    """One statement: module `module` with fingerprint `new` computes what `old` computed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    module: str
    new: Fingerprint
    old: Fingerprint | Literal["absent"]
    reason: Annotated[str, Field(min_length=1)]
    date: date


def statements(text: str, path: Path) -> dict[tuple[str, str], str]:
    """(module, new fingerprint) → the oldest fingerprint that it is said to equal.

    Raises ValueError, one line that names `path`, for text that is not a list of such statements, for a
    fingerprint declared equal to two different ones, and for circular statements.
    """
    try:
        entries = parse(text) or []
    except (ValueError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error
    if not isinstance(entries, list):
        raise ValueError(f"{path}: must be a list of entries with module, new, old, reason and date")
    table: dict[tuple[str, str], str] = {}
    for index, entry in enumerate(entries):
        statement = _statement(path, index, entry)
        key = (statement.module, statement.new)
        if table.setdefault(key, statement.old) != statement.old:
            raise ValueError(f"{path}: [{index}]: {statement.new} is already said to equal {table[key]}")
    return {key: _oldest(path, table, key) for key in table}


def _statement(path: Path, index: int, entry: object) -> Equivalence:
    if not isinstance(entry, dict):
        raise ValueError(f"{path}: [{index}]: must have module, new, old, reason and date")
    try:
        return Equivalence.model_validate(entry)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"])
        if first["type"] == "extra_forbidden":
            message = f"unknown key (known: {', '.join(Equivalence.model_fields)})"
        else:
            message = first["msg"][:1].lower() + first["msg"][1:]
        raise ValueError(f"{path}: [{index}].{key}: {message}") from error


def _oldest(path: Path, table: dict[tuple[str, str], str], key: tuple[str, str]) -> str:
    module, current = key
    seen = {current}
    while (module, current) in table:
        current = table[(module, current)]
        if current in seen:
            raise ValueError(f"{path}: the entries of {module} go in a circle through {current}")
        seen.add(current)
    return current
