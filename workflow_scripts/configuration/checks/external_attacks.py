"""Attacks of other libraries: what is not installed, not there, or cannot be called as configured."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from workflow_scripts.configuration import definitions
from workflow_scripts.configuration.checks.keywords import keyword_mistakes
from workflow_scripts.configuration.definitions import Callable
from workflow_scripts.configuration.messages import nearest
from workflow_scripts.configuration.modules import BrokenModule
from workflow_scripts.configuration.schema.external_attacks import BUDGET_KEYWORDS, LIBRARIES, ExternalAttack

INSTALL = {
    "foolbox": "pip install foolbox",
    "torchattacks": "pip install --no-deps torchattacks (its requirements pin an old version of requests)",
    "art": "pip install adversarial-robustness-toolbox",
    "adv_lib": "pip install adv_lib",
}
GIVEN = {
    "torchattacks": ("model", "device"),
    "art": ("estimator", "classifier", "targeted"),
    "adv_lib": ("model", "inputs", "labels", "targeted", "callback"),
}
"""Keywords of a library's attacks that its adapter sets."""
IMAGES = 3
"""The parameters that a function is called with by position: the model, the images and their labels."""


def external_attack_mistakes(name: str, attack: ExternalAttack) -> Iterator[str]:
    """Mistakes in the entry `attacks.<name>`, of which nothing is imported."""
    where = f"attacks.{name}"
    library, _, wanted = attack.attack.partition(":")
    module = LIBRARIES.get(library, library)
    if library in LIBRARIES and not definitions.is_installed(library):
        yield f"{where}.attack: the package {library} is not installed: {INSTALL[library]}"
        return
    if definitions.module_path(module) is None:
        yield f"{where}.attack: there is no module {module} in execution.code or among the installed packages"
        return
    try:
        found, names = definitions.find(module, wanted), definitions.all_names(module)
    except BrokenModule as error:
        yield f"{where}.attack: {error}"
        return
    if found is None and names is not None and wanted not in names:
        yield f"{where}.attack: {module} has no {wanted!r}{nearest(wanted, names)}"
    elif found is not None:
        yield from _call_mistakes(where, attack, library, found)


def _call_mistakes(where: str, attack: ExternalAttack, library: str, found: Callable) -> Iterator[str]:
    if library == "foolbox" and "FixedEpsilonAttack" in found.bases and attack.epsilon is None:
        yield f"{where}.epsilon: is missing: {attack.attack} attacks within a given budget"
    if found.signature is None:
        return
    taken = found.signature
    if attack.target != "none" and (keyword := _target_keyword(library)) and not taken.takes(keyword):
        yield f"{where}.target: {attack.attack} cannot be targeted: it has no keyword {keyword}"
    reserved = GIVEN.get(library, ())
    if library not in LIBRARIES:
        if len(taken.positional) < IMAGES:
            yield f"{where}.attack: {attack.attack} must take the model, the images and their labels by position"
            return
        reserved = (*taken.positional[:IMAGES], "targets")
    filled = [*BUDGET_KEYWORDS] if attack.epsilon is not None and library != "foolbox" else []
    filled += [] if library in LIBRARIES else ["seed"]
    required = tuple(key for key in taken.required if key not in filled)
    # A library's parameters have positions too, and all of them are given by keyword.
    yield from keyword_mistakes(
        f"{where}.parameters",
        attack.parameters,
        replace(taken, positional=(), required=required),
        attack.attack,
        reserved=reserved,
    )


def _target_keyword(library: str) -> str | None:
    """The keyword without which an attack cannot be targeted; None where a library has another way."""
    if library in LIBRARIES:
        return {"art": "targeted", "adv_lib": "targeted"}.get(library)
    return "targets"
