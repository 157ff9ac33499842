"""The modules and packages that decide what an attack makes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workflow_scripts.configuration.schema.attacks import FROM_FILE
from workflow_scripts.configuration.schema.external_attacks import LIBRARIES
from workflow_scripts.recipes.fingerprint import PACKAGE, module_path, named_module, packages_of

ATTACKS = f"{PACKAGE}.attacks"


def attack_modules(attack: str, roots: Sequence[Path]) -> tuple[str, ...]:
    """What a recipe names for the `attack` of an entry: modules below `roots`, and an installed function's package.

    A library's adapter imports the library, whose version becomes part of the recipe by that.
    """
    if attack == FROM_FILE:
        return (f"{ATTACKS}.from_file",)
    if ":" not in attack:
        return (named_module("attacks", attack, roots),)
    module = attack.partition(":")[0]
    if module in LIBRARIES:
        return (f"{ATTACKS}.external", f"{ATTACKS}.libraries.{module}")
    own = module_path(module, roots) is not None
    found = (module,) if own else packages_of(module.partition(".")[0])
    return (f"{ATTACKS}.external", f"{ATTACKS}.libraries.function", *found)
