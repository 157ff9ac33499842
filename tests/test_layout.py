"""Imports between the rooms of the package run one way, and no file outgrows a reader's patience."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[1] / "workflow_scripts"
LIBRARY = {"data", "models", "attacks", "training", "analysis", "rendering"}
MAY_IMPORT = {
    "data": set(),
    "models": set(),
    "attacks": set(),
    "training": {"models", "attacks", "data"},
    "analysis": {"models", "attacks", "data", "training"},
    "rendering": set(),
    "recipes": set(),
    "store": {"recipes"},
    "inputs": {"recipes", "store"} | LIBRARY - {"rendering"},
    "configuration": {"recipes"},
    "papers": {"recipes", "store", "inputs"} | LIBRARY,
    "publication": {"recipes", "store"},
    "planning": {"recipes", "store", "configuration", "publication", "data"},
    "jobs": {"recipes", "store", "inputs", "papers"} | LIBRARY,
    "commands": {"recipes", "store", "configuration", "planning", "publication", "inputs", "jobs"},
}
"""Room → the rooms below it that it may import. A room's `__main__` is an entry point, which may start a command."""
LONGEST = 300


def modules() -> list[Path]:
    return sorted(path for path in PACKAGE.rglob("*.py") if path.name != "__main__.py" and path.parent != PACKAGE)


def imported_rooms(path: Path) -> set[str]:
    """The rooms that a module imports, inside functions too."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert not node.level, f"{path}: relative import"
            names = [node.module or ""]
            if node.module == PACKAGE.name:
                names = [f"{PACKAGE.name}.{alias.name}" for alias in node.names]
        found |= {name.split(".")[1] for name in names if name.startswith(f"{PACKAGE.name}.")}
    return found


@pytest.mark.parametrize("room", MAY_IMPORT)
def test_a_room_imports_only_rooms_below_it(room: str):
    above = {}
    for path in modules():
        if path.relative_to(PACKAGE).parts[0] == room:
            wrong = imported_rooms(path) - MAY_IMPORT[room] - {room}
            if wrong:
                above[str(path.relative_to(PACKAGE))] = sorted(wrong)
    assert above == {}


def test_the_direction_has_no_circle():
    """Every room can be removed once all rooms that import it are gone."""
    left = {room: set(below) for room, below in MAY_IMPORT.items()}
    while left:
        top = [room for room in left if not any(room in below for other, below in left.items() if other != room)]
        assert top, f"a circle among {sorted(left)}"
        for room in top:
            del left[room]


def test_every_module_has_a_room():
    assert {path.relative_to(PACKAGE).parts[0] for path in modules()} == MAY_IMPORT.keys()
    assert [path.name for path in PACKAGE.glob("*.py")] == ["__init__.py"]


def test_files_are_short():
    root = PACKAGE.parent
    files = [*PACKAGE.rglob("*.py"), *(root / "tests").rglob("*.py"), *(root / "rules").glob("*"), root / "Snakefile"]
    long = {
        str(f.relative_to(root)): n for f in files if f.is_file() and (n := len(f.read_bytes().splitlines())) > LONGEST
    }
    assert long == {}
