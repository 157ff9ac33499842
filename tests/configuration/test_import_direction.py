"""Within the configuration, imports run one way: schema, modules and names, messages, callables, checks, loading."""

from __future__ import annotations

import ast
from pathlib import Path

from workflow_scripts.recipes.fingerprint import PACKAGE, ROOT

ROOM = f"{PACKAGE}.configuration."
ORDER = ("schema", "modules", "definitions", "renamed", "messages", "network_callables", "checks", "load")


def imported(path: Path) -> set[str]:
    """The parts of the configuration that a module imports."""
    names = [n.module or "" for n in ast.walk(ast.parse(path.read_text())) if isinstance(n, ast.ImportFrom)]
    return {name.removeprefix(ROOM).partition(".")[0] for name in names if name.startswith(ROOM)}


def test_every_part_imports_only_those_below_it():
    folder = ROOT / PACKAGE / "configuration"
    for path in folder.rglob("*.py"):
        part = path.relative_to(folder).parts[0].removesuffix(".py")
        if part != "__init__":
            assert imported(path) <= {*ORDER[: ORDER.index(part)], part}, path


def test_the_configuration_imports_nothing_but_recipes():
    for path in (ROOT / PACKAGE / "configuration").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith(f"{PACKAGE}."):
                assert node.module.split(".")[1] in ("configuration", "recipes"), (path, node.module)
