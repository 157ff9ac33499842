"""Fingerprints of code: what a module computes, whatever its comments, docstrings and formatting.

The syntax tree is walked here, not by `ast.dump` or `ast.unparse`, whose text differs between Python versions.
"""

from __future__ import annotations

import ast
import hashlib
import os
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from workflow_scripts.recipes.content_cache import CONTENT_CACHE

PACKAGE = "workflow_scripts"
ROOT = Path(__file__).resolve().parents[2]
_IGNORED_FIELDS = frozenset({"type_comment", "kind", "type_ignores"})


class MissingModule(ValueError):
    """A recipe names a module that this checkout does not have, or cannot parse."""


def tree_text(node: object) -> str:
    """A canonical text of a syntax tree: node names and non-empty fields, without positions and docstrings.

    Strings that are statements of their own (docstrings of modules, classes, functions and attributes) compute
    nothing and are left out.
    """
    if isinstance(node, ast.AST):
        parts = []
        for name, value in ast.iter_fields(node):
            if name in _IGNORED_FIELDS or value is None and not isinstance(node, ast.Constant):
                continue
            if isinstance(node, ast.JoinedStr):
                value = _without_empty_text(value)
            text = tree_text(value)
            if text != "[]":
                parts.append(f"{name}={text}")
        return f"{type(node).__name__}({','.join(parts)})"
    if isinstance(node, list):
        return f"[{','.join(tree_text(item) for item in node if not _is_documentation(item))}]"
    if isinstance(node, str) and any(character > "\uffff" for character in node):
        return f"str:{ascii(node)}"  # which of these `repr` escapes depends on Python's Unicode tables
    return f"{type(node).__name__}:{node!r}"


def _is_documentation(node: object) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str)


def _without_empty_text(values: list[ast.expr]) -> list[ast.expr]:
    """An f-string's parts; Python 3.12 puts empty texts among them that other versions do not."""
    return [part for part in values if not (isinstance(part, ast.Constant) and part.value == "")]


def module_path(module: str, root: Path = ROOT) -> Path | None:
    """The file of a first-party module, or None where there is none."""
    base = os.path.join(root, *module.split("."))
    for path in (f"{base}.py", os.path.join(base, "__init__.py")):
        if os.path.isfile(path):
            return Path(path)
    return None


def _read(source: bytes, path: Path) -> list:
    """A file's fingerprint, and what it imports, inside functions too: [level, module, names] of each statement."""
    try:
        tree = ast.parse(source, filename=str(path))
    except (SyntaxError, ValueError) as error:
        raise MissingModule(f"{path} is not valid Python ({error})") from error
    imported: list[list] = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            imported += [[0, alias.name, []] for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            imported.append([node.level, node.module or "", [alias.name for alias in node.names]])
    return [hashlib.sha256(tree_text(tree).encode()).hexdigest()[:16], imported]


@cache
def _examine(path: Path, module: str, root: Path, state: tuple[int, int]) -> tuple[str, tuple[str, ...]]:
    """A file's fingerprint and the first-party modules that it imports.

    `state` is the file's size and time of change: a file edited meanwhile is read again.
    """
    source = path.read_bytes()
    digest, statements = CONTENT_CACHE.get_or_compute(_cache_name(), source, lambda: _read(source, path))
    imported: set[str] = set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for level, base, names in statements:
        if level:
            above = package.split(".")[: len(package.split(".")) - level + 1]
            base = ".".join([*above, base] if base else above)
        imported.add(base)
        imported.update(f"{base}.{name}" for name in names)
    first_party = {name for name in imported if name.split(".")[0] == PACKAGE and module_path(name, root) is not None}
    return digest, tuple(sorted(first_party))


@cache
def _cache_name() -> str:
    """The cache key of fingerprints: with the hash of this module, so that another way to compute them starts anew."""
    return f"fingerprint {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]}"


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
        about = path.stat()
        seen[module], imported = _examine(path, module, root, (about.st_size, about.st_mtime_ns))
        waiting.extend(imported)
        parent = module.rpartition(".")[0]
        if parent:
            waiting.append(parent)
    return dict(sorted(seen.items()))
