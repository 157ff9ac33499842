"""Fingerprints of code: what a module computes, whatever its comments, docstrings and formatting.

The syntax tree is walked here, not by `ast.dump` or `ast.unparse`, whose text differs between Python versions.
"""

from __future__ import annotations

import ast
import hashlib
from collections.abc import Iterable
from functools import cache
from pathlib import Path

PACKAGE = "workflow_scripts"
ROOT = Path(__file__).resolve().parent.parent
_IGNORED_FIELDS = frozenset({"type_comment", "kind", "type_ignores"})
_WITH_DOCSTRING = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)


class MissingModule(ValueError):
    """A recipe names a module that this checkout does not have."""


def tree_text(node: object) -> str:
    """A canonical text of a syntax tree: node names and non-empty fields, without positions and docstrings."""
    if isinstance(node, ast.AST):
        parts = []
        for name, value in ast.iter_fields(node):
            if name in _IGNORED_FIELDS or value is None and not isinstance(node, ast.Constant):
                continue
            if name == "body" and isinstance(node, _WITH_DOCSTRING):
                value = _without_docstring(value)
            text = tree_text(value)
            if text != "[]":
                parts.append(f"{name}={text}")
        return f"{type(node).__name__}({','.join(parts)})"
    if isinstance(node, list):
        return f"[{','.join(tree_text(item) for item in node)}]"
    return f"{type(node).__name__}:{node!r}"


def _without_docstring(body: list[ast.stmt]) -> list[ast.stmt]:
    first = body[0] if body else None
    if isinstance(first, ast.Expr) and isinstance(first.value, ast.Constant) and isinstance(first.value.value, str):
        return body[1:]
    return body


def module_path(module: str, root: Path = ROOT) -> Path | None:
    """The file of a first-party module, or None where there is none."""
    base = root.joinpath(*module.split("."))
    for path in (base.with_suffix(".py"), base / "__init__.py"):
        if path.is_file():
            return path
    return None


@cache
def _examine(path: Path, module: str, root: Path) -> tuple[str, tuple[str, ...]]:
    """A file's fingerprint and the first-party modules that it imports, inside functions too."""
    tree = ast.parse(path.read_bytes(), filename=str(path))
    imported: set[str] = set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            base = node.module or ""
            if node.level:
                above = package.split(".")[: len(package.split(".")) - node.level + 1]
                base = ".".join([*above, base] if base else above)
            imported.add(base)
            imported.update(f"{base}.{alias.name}" for alias in node.names)
    first_party = {
        name for name in imported if name.split(".")[0] == PACKAGE and module_path(name, root) is not None
    }
    digest = hashlib.sha256(tree_text(tree).encode()).hexdigest()[:16]
    return digest, tuple(sorted(first_party))


def closure(modules: Iterable[str], root: Path = ROOT) -> dict[str, str]:
    """Module → fingerprint, for the modules named, all that they import from this project, and their packages."""
    waiting, seen = list(modules), {}
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        path = module_path(module, root)
        if path is None:
            raise MissingModule(f"there is no module {module} in this checkout")
        seen[module], imported = _examine(path, module, root)
        waiting.extend(imported)
        parent = module.rpartition(".")[0]
        if parent:
            waiting.append(parent)
    return dict(sorted(seen.items()))
