"""Networks named as `module:callable`, found without imports: in the user's folders and in installed packages."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

from workflow_scripts.configuration.messages import did_you_mean
from workflow_scripts.configuration.modules import Signature, code_folders, parse, signature_of
from workflow_scripts.recipes.fingerprint import PACKAGE, PACKAGE_KEY, ROOT, MissingModule, module_path

LIBRARIES = {
    "torchvision": ("torchvision/models", re.compile(r"^def (\w+)\(\s*\*, weights", re.MULTILINE)),
    "timm": ("timm/models", re.compile(r"^def (\w+)\(pretrained", re.MULTILINE)),
}
"""Library whose networks are known by a name alone → its folder, and how its files define a network."""
FILLED_IN = ("num_classes", "n_classes", "nb_classes", "classes", "in_channels", "in_chans", "image_size", "img_size")
"""Keywords that the workflow gives to a callable that takes them, unless the configuration does."""
_NAMED = re.compile(r"[A-Za-z_]\w*(\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")


def is_callable(name: str) -> bool:
    """Whether an architecture is named as `module:callable`; otherwise it is one of the project's or user's modules."""
    return ":" in name


def label_of(name: str) -> str:
    """An architecture's name as it stands in labels: of `module:callable` the callable, in lower case."""
    return re.sub(r"[^a-z0-9_.-]", "-", name.rpartition(":")[2].lower()).strip("_.-") or "network"


def module_of(name: str, roots: Sequence[Path]) -> str:
    """What a recipe lists for `module:callable`: the module, where its code is below `roots`, or its `package:…`.

    MissingModule where an installed module has no version.
    """
    module = name.partition(":")[0]
    if module_path(module, roots) is not None:
        return module
    top = module.partition(".")[0]
    found = _distributions().get(top)
    if not found:
        raise MissingModule(f"{name}: {top} is installed without a version: add its folder to execution.code")
    return f"{PACKAGE_KEY}{sorted(set(found))[0]}"


def callable_mistake(name: str) -> str | None:
    """What is wrong with `module:callable`, in one line without its key, or None; BrokenModule for no Python."""
    if not _NAMED.fullmatch(name):
        return f"{name!r} is not of the form module:callable, such as torchvision:resnet18 or my_nets:Net"
    module, _, wanted = name.partition(":")
    top = module.partition(".")[0]
    path = _source(module)
    if path is None and _source(top) is None:
        return f"there is no module {top}: pip install {top}, or add its folder to execution.code"
    if path is None:
        return f"there is no module {module} in {_source(top).parent}: correct its name"
    if module in LIBRARIES:
        known = _networks_of(module)
        return None if wanted in known else f"{module} has no network {wanted!r}{_nearest(wanted, known)}"
    names = _names(path)
    if names is None or wanted in names:
        return None
    return f"{module} has no class or function {wanted!r}{_nearest(wanted, names)}"


def callable_signature(name: str) -> Signature | None:
    """What `module:callable` takes by keyword, or None where its source does not tell."""
    module, _, wanted = name.partition(":")
    path = None if module in LIBRARIES else _source(module)
    for statement in parse(path).body if path is not None else ():
        if isinstance(statement, ast.FunctionDef) and statement.name == wanted:
            found = None if statement.decorator_list else signature_of(statement)
            return None if found is None else replace(found, positional=())
        if isinstance(statement, ast.ClassDef) and statement.name == wanted:
            made = [part for part in statement.body if isinstance(part, ast.FunctionDef) and part.name == "__init__"]
            return _without_self(signature_of(made[-1])) if made else None
    return None


def _without_self(found: Signature) -> Signature:
    first = found.positional[0]
    keywords, required = (tuple(k for k in each if k != first) for each in (found.keywords, found.required))
    return replace(found, positional=(), keywords=keywords, required=required)


def _source(module: str) -> Path | None:
    """The file of a module in the project, the user's folders or an installed package, or None."""
    found = module_path(module, (ROOT, *code_folders()))
    if found is not None or module.split(".")[0] == PACKAGE:
        return found
    top, *below = module.split(".")
    try:
        spec = find_spec(top)
    except (ImportError, ValueError):
        return None
    if spec is None or not below:
        return None if spec is None or not spec.origin else Path(spec.origin)
    for folder in spec.submodule_search_locations or ():
        base = Path(folder, *below)
        for path in (base.with_name(f"{base.name}.py"), base / "__init__.py"):
            if path.is_file():
                return path
    return None


def _names(path: Path) -> list[str] | None:
    """The names that a module defines or imports at its top level, or None where its source does not tell all."""
    names: list[str] = []
    if path.suffix != ".py":
        return None
    for statement in parse(path).body:
        if isinstance(statement, ast.FunctionDef | ast.ClassDef):
            names.append(statement.name)
        elif isinstance(statement, ast.Import | ast.ImportFrom):
            names += [(alias.asname or alias.name).split(".")[0] for alias in statement.names]
        elif isinstance(statement, ast.Assign):
            names += [target.id for target in statement.targets if isinstance(target, ast.Name)]
        elif isinstance(statement, ast.If | ast.Try | ast.With | ast.For):
            return None
    return None if {"*", "__getattr__"} & set(names) else names


@cache
def _networks_of(library: str) -> list[str]:
    folder, pattern = LIBRARIES[library]
    root = _source(library).parent.parent / folder
    return sorted({name for path in root.glob("*.py") for name in pattern.findall(path.read_text(encoding="utf-8"))})


def _nearest(name: str, options: Sequence[str]) -> str:
    return did_you_mean(name, options) or (f" (it has: {', '.join(sorted(options)[:8])})" if options else "")


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())
