"""`config/code_equivalences.yaml`: new code that computes the same as old code, so that nothing need be made again."""

from __future__ import annotations

from pathlib import Path

from workflow_scripts.recipes.content_cache import CONTENT_CACHE
from workflow_scripts.recipes.fingerprint import ROOT

ABSENT = "absent"
"""Stands for a module that the old code did not have: code was moved into it."""
DEFAULT_FILE = ROOT / "config" / "code_equivalences.yaml"


class EquivalenceError(ValueError):
    """A mistake in the file of equivalences; the message names the file and the entry."""


def load_equivalences(path: Path = DEFAULT_FILE) -> dict[tuple[str, str], str]:
    """(module, new fingerprint) → the oldest fingerprint that it is said to equal; empty where there is no file.

    Raises EquivalenceError, one line, where the file cannot be read or says something that is no such statement.
    """
    if not path.exists():
        return {}
    try:
        content = path.read_bytes()
        text = content.decode("utf-8")
    except (OSError, ValueError) as error:
        raise EquivalenceError(f"{path}: cannot be read: {' '.join(str(error).split())}") from error

    def read() -> list[list[str]]:
        # Imported here: a job that finds the file's content in the cache needs no pydantic.
        from workflow_scripts.recipes.equivalence_file import statements

        try:
            return [[*key, oldest] for key, oldest in statements(text, path).items()]
        except ValueError as error:
            raise EquivalenceError(str(error)) from error

    return {
        (module, new): oldest for module, new, oldest in CONTENT_CACHE.get_or_compute("equivalences", content, read)
    }


def apply_equivalences(modules: dict[str, str], table: dict[tuple[str, str], str]) -> dict[str, str]:
    """Fingerprints with every declared equivalence applied; modules that the old code did not have are left out."""
    applied = {module: table.get((module, fingerprint), fingerprint) for module, fingerprint in modules.items()}
    return {module: fingerprint for module, fingerprint in applied.items() if fingerprint != ABSENT}
