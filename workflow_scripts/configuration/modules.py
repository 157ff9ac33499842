"""Signatures and constants of attack and architecture modules, parsed from their source: planning imports no torch."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from workflow_scripts.recipes.fingerprint import PACKAGE, ROOT

ENTRY = {"attacks": "attack", "models": "build"}
"""Folder → the function that a module has to define to be an attack or an architecture."""
_NAME = re.compile(r"[a-z][a-z0-9_]*")


class BrokenModule(ValueError):
    """A module that is not valid Python."""


@dataclass(frozen=True)
class Signature:
    """What a function takes.

    positional: its positional parameters. keywords: all that can be passed by keyword. required: those without a
    default. takes_any: whether it has **keywords. reads: every name in its body.
    """

    positional: tuple[str, ...]
    keywords: tuple[str, ...]
    required: tuple[str, ...]
    takes_any: bool
    reads: frozenset[str]

    def takes(self, keyword: str) -> bool:
        return self.takes_any or keyword in self.keywords


_code_folders: list[Path] = []
"""The user's own folders of code, of the configuration that this process checked last."""


def use_code_folders(folders: Iterable[Path]) -> None:
    """Find attacks and architectures in these folders too, after the project's own."""
    _code_folders[:] = folders


def code_folders() -> tuple[Path, ...]:
    """The user's own folders of code, in search order."""
    return tuple(_code_folders)


def module_file(folder: str, name: str) -> Path:
    """The path that the module of an attack (`attacks`) or an architecture (`models`) has, whether it exists or not."""
    own = ROOT / PACKAGE / folder / f"{name}.py"
    candidates = (each / f"{name}.py" for each in _code_folders)
    return own if own.is_file() else next((path for path in candidates if path.is_file()), own)


def signature(folder: str, name: str) -> Signature | None:
    """The signature of the entry function, or None where there is no such module or it has no such function."""
    path = module_file(folder, name)
    if not _NAME.fullmatch(name) or not path.is_file():
        return None
    for statement in parse(path).body:
        if isinstance(statement, ast.FunctionDef) and statement.name == ENTRY[folder]:
            return signature_of(statement)
    return None


def constant(folder: str, name: str, wanted: str) -> object:
    """The value of a module-level constant, or None where the module does not set it to a literal.

    Networks that are named as `module:callable` have none.
    """
    if ":" in name:
        return None
    for statement in parse(module_file(folder, name)).body:
        targets = statement.targets if isinstance(statement, ast.Assign) else []
        if any(isinstance(target, ast.Name) and target.id == wanted for target in targets):
            try:
                return ast.literal_eval(statement.value)
            except ValueError:
                return None
    return None


def known(folder: str) -> list[str]:
    """The names of all attacks (`attacks`) or architectures (`models`)."""
    files = [path for each in (ROOT / PACKAGE / folder, *_code_folders) for path in each.glob("*.py")]
    return sorted({path.stem for path in files if _is_entry(folder, path.stem)})


def takes_any_size(architecture: str) -> bool:
    """Whether a network takes images of any size: its build() never reads `image_size`."""
    found = signature("models", architecture)
    return found is not None and not found.takes_any and "image_size" not in found.reads


def is_archive(architecture: str) -> bool:
    """Whether a network of this architecture is an archive that holds its program with its weights."""
    return constant("models", architecture, "ARCHIVE") is not None


def _is_entry(folder: str, name: str) -> bool:
    try:
        return signature(folder, name) is not None
    except BrokenModule:
        return False


@cache
def parse(path: Path) -> ast.Module:
    """The syntax tree of a file; BrokenModule where it is not valid Python."""
    try:
        return ast.parse(path.read_bytes(), filename=str(path))
    except (SyntaxError, ValueError) as error:
        where = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
        reason = error.msg if isinstance(error, SyntaxError) else error
        shown = path.relative_to(ROOT) if path.is_relative_to(ROOT) else path
        raise BrokenModule(f"{shown}{where} is not valid Python ({reason})") from None


def signature_of(function: ast.FunctionDef, *, method: bool = False) -> Signature:
    """What a function takes; a method, beside its first parameter."""
    positional = [a.arg for a in (*function.args.posonlyargs, *function.args.args)][method:]
    named = [a.arg for a in function.args.kwonlyargs]
    plain = positional[: max(0, len(positional) - len(function.args.defaults))]
    plain += [name for name, default in zip(named, function.args.kw_defaults, strict=True) if default is None]
    reads = {node.id for part in function.body for node in ast.walk(part) if isinstance(node, ast.Name)}
    return Signature(
        positional=tuple(positional),
        keywords=(*positional, *named),
        required=tuple(plain),
        takes_any=function.args.kwarg is not None,
        reads=frozenset(reads),
    )
