"""Classes and functions by `package.module:name`, read from their source: planning imports neither them nor a library.

Modules are found in the user's own folders of code and then among the installed packages.
"""

from __future__ import annotations

import ast
import importlib.util
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.machinery import ModuleSpec
from pathlib import Path

from workflow_scripts.configuration.modules import Signature, code_folders, parse, signature_of


@dataclass(frozen=True)
class Callable:
    """A class or function found in its source.

    signature: of the function, or of the class's `__init__` without `self`; None where that is not to be seen there, as
    behind a decorator.
    bases: the names of a class's base classes, theirs included.
    """

    signature: Signature | None
    bases: tuple[str, ...] = ()


def find(module: str, name: str) -> Callable | None:
    """What `name` is in a module, through its imports; None where its source does not tell."""
    found = _definition(module, name, set())
    if found is None:
        return None
    where, node = found
    if isinstance(node, ast.FunctionDef):
        return Callable(_signature(node))
    family = list(_family(where, node, set()))
    own = (s for _, each in family for s in each.body if isinstance(s, ast.FunctionDef) and s.name == "__init__")
    made = next(own, None)
    bases = tuple(dict.fromkeys(each.name for _, each in family[1:]))
    return Callable(None if made is None else _signature(made, method=True), bases)


def module_path(module: str) -> Path | None:
    """The file of a module; None where there is none, or none in Python."""
    first, *rest = module.split(".")
    for folder in code_folders():
        if (path := _file(folder.joinpath(first, *rest))) is not None:
            return path
    spec = _spec(first)
    if spec is None:
        return None
    if not rest:
        return Path(spec.origin) if spec.origin is not None and spec.origin.endswith(".py") else None
    below = (_file(Path(folder).joinpath(*rest)) for folder in spec.submodule_search_locations or ())
    return next((path for path in below if path is not None), None)


def is_module(module: str) -> bool:
    """Whether there is such a module, in Python or, at the top level, of another kind."""
    return module_path(module) is not None or ("." not in module and is_installed(module))


def package_folder(package: str) -> Path:
    """The folder of a top-level package or module that there is."""
    path = module_path(package)
    return path.parent if path is not None else Path(_spec(package).origin or ".").parent


def is_installed(package: str) -> bool:
    """Whether a top-level package can be imported, without importing it."""
    return _spec(package) is not None


def all_names(module: str) -> list[str] | None:
    """The names without underscore that a module defines or imports, those of `from … import *` included.

    None where its source does not tell all: it is not Python, sets names in a loop, or has a `__getattr__`.
    """
    found = _names(module, set())
    return None if found is None else sorted(name for name in found if not name.startswith("_"))


def _names(module: str, seen: set[str]) -> set[str] | None:
    path = module_path(module)
    if module in seen:
        return set()
    seen.add(module)
    if path is None or any(isinstance(each, ast.For | ast.While) for each in parse(path).body):
        return None
    found = set()
    for name, statement in _bindings(parse(path)):
        more = _names(_source(module, path, statement), seen) if name == "*" else {name}
        if more is None or name == "__getattr__":
            return None
        found |= more
    return found


def _spec(package: str) -> ModuleSpec | None:
    try:
        return importlib.util.find_spec(package)
    except (ImportError, ValueError):
        return None


def _signature(function: ast.FunctionDef, *, method: bool = False) -> Signature | None:
    return None if function.decorator_list else signature_of(function, method=method)


def _file(base: Path) -> Path | None:
    candidates = (base.parent / f"{base.name}.py", base / "__init__.py")
    return next((path for path in candidates if path.is_file()), None)


def _statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """A module's statements, those under `if`, `try` and `with` included."""
    for statement in body:
        yield statement
        for part in ("body", "orelse", "finalbody", "handlers"):
            if isinstance(statement, ast.If | ast.Try | ast.With):
                for each in getattr(statement, part, []):
                    yield from _statements(each.body if isinstance(each, ast.ExceptHandler) else [each])


def _bindings(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Every name that a module's statements bind, with the statement; `*` for all of another module."""
    for statement in _statements(tree.body):
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            yield statement.name, statement
        elif isinstance(statement, ast.ImportFrom):
            yield from ((alias.asname or alias.name, statement) for alias in statement.names)
        elif isinstance(statement, ast.Import):
            yield from (((alias.asname or alias.name).split(".")[0], statement) for alias in statement.names)
        elif isinstance(statement, ast.Assign):
            yield from ((each.id, statement) for each in statement.targets if isinstance(each, ast.Name))


def _definition(module: str, name: str, seen: set) -> tuple[str, ast.FunctionDef | ast.ClassDef] | None:
    """The module and statement that define `name`, followed through imports and `name = other`."""
    path = module_path(module)
    if path is None or (module, name) in seen:
        return None
    seen.add((module, name))
    found = None
    for bound, statement in _bindings(parse(path)):
        if isinstance(statement, ast.ImportFrom) and bound in (name, "*"):
            source = _source(module, path, statement)
            original = next((a.name for a in statement.names if (a.asname or a.name) == name), name)
            found = _definition(source, original, seen) or found
        elif bound != name:
            continue
        elif isinstance(statement, ast.Assign):
            if isinstance(statement.value, ast.Name):
                found = _definition(module, statement.value.id, seen) or found
        elif not isinstance(statement, ast.Import):
            found = module, statement
    return found


def _source(module: str, path: Path, statement: ast.ImportFrom) -> str:
    """The full name of the module that a statement imports from."""
    if not statement.level:
        return statement.module or ""
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    parts = package.split(".")
    return ".".join([*parts[: len(parts) - statement.level + 1], *([statement.module] if statement.module else [])])


def _family(module: str, node: ast.ClassDef, seen: set) -> Iterator[tuple[str, ast.ClassDef]]:
    """A class and its base classes as far as their source is found, depth first."""
    if (module, node.name) in seen:
        return
    seen.add((module, node.name))
    yield module, node
    for base in node.bases:
        found = _definition(module, base.id, set()) if isinstance(base, ast.Name) else None
        if found is not None and isinstance(found[1], ast.ClassDef):
            yield from _family(*found, seen)
