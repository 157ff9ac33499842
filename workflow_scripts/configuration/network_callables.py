"""Networks named as `module:callable`: what recipes and messages say of them, without importing anything."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from importlib import metadata
from pathlib import Path

from workflow_scripts.configuration import definitions
from workflow_scripts.configuration.messages import did_you_mean
from workflow_scripts.configuration.modules import Signature
from workflow_scripts.recipes.fingerprint import PACKAGE_KEY, MissingModule, module_path

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
    if not definitions.is_module(module):
        if not definitions.is_module(top):
            return f"there is no module {top}: pip install {top}, or add its folder to execution.code"
        return f"there is no module {module} in {definitions.package_folder(top)}: correct its name"
    if module in LIBRARIES:
        known = _networks_of(module)
        return None if wanted in known else f"{module} has no network {wanted!r}{_nearest(wanted, known)}"
    names = definitions.all_names(module)
    if names is None or wanted in names or definitions.find(module, wanted) is not None:
        return None
    return f"{module} has no class or function {wanted!r}{_nearest(wanted, names)}"


def callable_signature(name: str) -> Signature | None:
    """What `module:callable` takes by keyword, or None where its source does not tell."""
    module, _, wanted = name.partition(":")
    found = None if module in LIBRARIES else definitions.find(module, wanted)
    return None if found is None or found.signature is None else replace(found.signature, positional=())


@cache
def _networks_of(library: str) -> list[str]:
    folder, pattern = LIBRARIES[library]
    root = definitions.package_folder(library).parent / folder
    return sorted({name for path in root.glob("*.py") for name in pattern.findall(path.read_text(encoding="utf-8"))})


def _nearest(name: str, options: Sequence[str]) -> str:
    return did_you_mean(name, options) or (f" (it has: {', '.join(sorted(options)[:8])})" if options else "")


@cache
def _distributions() -> dict[str, list[str]]:
    return dict(metadata.packages_distributions())
