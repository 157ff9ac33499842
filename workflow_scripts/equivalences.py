"""`config/code_equivalences.yaml`: new code that computes the same as old code, so that nothing need be made again."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import yaml
from pydantic import BaseModel, ConfigDict, ValidationError

DEFAULT_FILE = Path(__file__).resolve().parent.parent / "config" / "code_equivalences.yaml"


class Equivalence(BaseModel):
    """One statement: module `module` with fingerprint `new` computes what `old` computed."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    module: str
    new: str
    old: str
    reason: str
    date: date


def load_equivalences(path: Path = DEFAULT_FILE) -> dict[tuple[str, str], str]:
    """(module, new fingerprint) → the oldest fingerprint that it is said to equal; empty where there is no file."""
    if not path.exists():
        return {}
    try:
        entries = [Equivalence(**entry) for entry in yaml.safe_load(path.read_text()) or []]
    except (ValidationError, TypeError, yaml.YAMLError) as error:
        raise ValueError(f"{path}: {error}") from error
    table = {(entry.module, entry.new): entry.old for entry in entries}
    return {key: _oldest(table, key) for key in table}


def _oldest(table: dict[tuple[str, str], str], key: tuple[str, str]) -> str:
    module, seen = key[0], {key[1]}
    current = table[key]
    while (module, current) in table and current not in seen:
        seen.add(current)
        current = table[(module, current)]
    return current


def settle(modules: dict[str, str], table: dict[tuple[str, str], str]) -> dict[str, str]:
    """Fingerprints with every declared equivalence applied."""
    return {module: table.get((module, fingerprint), fingerprint) for module, fingerprint in modules.items()}
