"""Fingerprints of code: what a module computes, whatever its comments, docstrings and formatting.

Imports are followed within the project and within the user's own folders of code. Of other packages that a module
imports, those that the project does not depend on itself count by their installed version; the versions of the
project's own dependencies are in the manifest, and `numerics_epoch` is for what they change.

The syntax tree is walked here, not by `ast.dump` or `ast.unparse`, whose text differs between Python versions.
"""

from __future__ import annotations

import ast
import hashlib
import os
import sys
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

from workflow_scripts.recipes.content_cache import CONTENT_CACHE

PACKAGE = "workflow_scripts"
ROOT = Path(__file__).resolve().parents[2]
PACKAGE_KEY = "package:"
"""Begins the key of an installed package among a recipe's modules; its value is the version."""
NOT_INSTALLED = "not installed"
# fmt: off
OWN_DEPENDENCIES = frozenset((
    "PIL", "gpytorch", "h5py", "jinja2", "matplotlib", "mlxtend", "mpl_toolkits", "numba", "numpy", "pandas",
    "pydantic", "pygments", "safetensors", "scipy", "sklearn", "snakemake", "snakemake_executor_plugin_slurm",
    "snakemake_interface_logger_plugins",
    "torch", "torchgen", "torchvision", "tqdm", "yaml", "zarr",
))
# fmt: on
"""Names under which the project's own dependencies are imported."""
_IGNORED_FIELDS = frozenset({"type_comment", "kind", "type_ignores"})


class MissingModule(ValueError):
    """A module that is missing, cannot be parsed, or imports something whose version is unknown."""


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


def module_path(module: str, roots: Sequence[Path] = (ROOT,)) -> Path | None:
    """The file of a module below one of the folders, or None where there is none.

    The first folder is the project's, of which only the package counts; the others are the user's, in search order.
    """
    for root in roots[:1] if module.split(".")[0] == PACKAGE else roots[1:]:
        base = os.path.join(root, *module.split("."))
        for path in (f"{base}.py", os.path.join(base, "__init__.py")):
            if os.path.isfile(path):
                return Path(path)
    return None


def named_module(folder: str, name: str, roots: Sequence[Path] = (ROOT,)) -> str:
    """The module of an attack (`attacks`) or architecture (`models`): the project's, or else the user's own."""
    own = f"{PACKAGE}.{folder}.{name}"
    return name if module_path(own, roots) is None and module_path(name, roots) is not None else own


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
def _examine(
    path: Path, module: str, roots: tuple[Path, ...], state: tuple[int, int]
) -> tuple[str, tuple[str, ...], tuple[str, ...]]:
    """A file's fingerprint, the modules below `roots` that it imports, and the other top-level names that it imports.

    `state` is the file's size and time of change: a file edited meanwhile is read again.
    """
    source = path.read_bytes()
    digest, statements = CONTENT_CACHE.get_or_compute(_cache_name(), source, lambda: _read(source, path))
    followed: set[str] = set()
    others: set[str] = set()
    package = module if path.name == "__init__.py" else module.rpartition(".")[0]
    for level, base, names in statements:
        if level:
            above = package.split(".")[: len(package.split(".")) - level + 1]
            base = ".".join([*above, base] if base else above)
        found = [name for name in (base, *(f"{base}.{name}" for name in names)) if module_path(name, roots) is not None]
        top = base.split(".")[0]
        if not found and not level and module_path(top, roots) is not None:
            found = [top]
        followed.update(found)
        if not found and not level:
            others.add(top)
    return (
        digest,
        tuple(sorted(followed)),
        tuple(sorted(others - OWN_DEPENDENCIES - sys.stdlib_module_names - {PACKAGE})),
    )


@cache
def _cache_name() -> str:
    """The cache key of fingerprints: with the hash of this module, so that another way to compute them starts anew."""
    return f"fingerprint {hashlib.sha256(Path(__file__).read_bytes()).hexdigest()[:16]}"


def closure(modules: Iterable[str], roots: Sequence[Path] = (ROOT,)) -> dict[str, str]:
    """Module → fingerprint, for the modules named, all that they import from below `roots`, and their packages; and
    `package:<name>` → version, for the installed packages that they import beside the project's own dependencies.

    Packages may be named, too, by `package:<name>`.
    roots: the project's folder, then the user's own folders of code. MissingModule where a module cannot be found or
    read, or a package's version is unknown.
    """
    roots = tuple(roots)
    modules = tuple(modules)
    waiting, seen = [module for module in modules if not module.startswith(PACKAGE_KEY)], {}
    packages = {module: _version(module) for module in modules if module.startswith(PACKAGE_KEY)}
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        path = module_path(module, roots)
        if path is None:
            raise MissingModule(
                f"there is no module {module} in this checkout{' or execution.code' * (len(roots) > 1)}"
            )
        about = path.stat()
        seen[module], imported, others = _examine(path, module, roots, (about.st_size, about.st_mtime_ns))
        waiting.extend(imported)
        for name in others:
            packages |= _versions(name, path)
        parent = module.rpartition(".")[0]
        if parent and (module.startswith(f"{PACKAGE}.") or module_path(parent, roots) is not None):
            waiting.append(parent)
    return dict(sorted({**seen, **packages}.items()))


def _version(key: str) -> str:
    """The installed version of `package:<distribution>`."""
    try:
        return metadata.version(key.removeprefix(PACKAGE_KEY))
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED


def packages_of(name: str) -> tuple[str, ...]:
    """The keys (`package:<distribution>`) of what provides a top-level name; none for the project's dependencies."""
    if name in OWN_DEPENDENCIES:
        return ()
    return tuple(f"{PACKAGE_KEY}{each}" for each in sorted(set(_distributions().get(name, ()))))


def _versions(name: str, path: Path) -> dict[str, str]:
    """`package:<distribution>` → version, of what provides an imported top-level name."""
    found = _distributions().get(name)
    if found:
        return {f"{PACKAGE_KEY}{each}": metadata.version(each) for each in sorted(set(found))}
    if any(module_path(name, (folder, folder)) is not None for folder in map(Path, filter(None, sys.path))):
        raise MissingModule(f"{path} imports {name}, which has no version: add its folder to execution.code")
    return {f"{PACKAGE_KEY}{name}": NOT_INSTALLED}


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())
