"""Attacks: settings that no pixel allows, and functions of the user's own that cannot be called as configured."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from workflow_scripts.configuration.checks.external_attacks import external_attack_mistakes
from workflow_scripts.configuration.checks.keywords import keyword_mistakes
from workflow_scripts.configuration.checks.names import no_entry
from workflow_scripts.configuration.messages import attack_mistake
from workflow_scripts.configuration.modules import signature
from workflow_scripts.configuration.schema.attacks import Attack, Control, OwnAttack
from workflow_scripts.configuration.schema.external_attacks import Bounded, ExternalAttack
from workflow_scripts.recipes.exact_numbers import to_text

ATTACK_IS_GIVEN = ("pixel_range", "seed", "indices")
"""Keywords that every attack is called with."""
ATTACK_RESERVED = (*ATTACK_IS_GIVEN, "record", "batch_size", "progress")


def attack_mistakes(name: str, attack: Attack, attacks: Mapping[str, Attack]) -> Iterator[str]:
    """Mistakes in the entry `attacks.<name>` that its section alone does not show; `attacks`: all entries."""
    if isinstance(attack, Control):
        yield from _control_mistakes(name, attack, attacks)
    if isinstance(attack, OwnAttack):
        yield from _own_attack_mistakes(name, attack)
        return
    if isinstance(attack, ExternalAttack):
        yield from external_attack_mistakes(name, attack)
    if isinstance(attack, Bounded) and attack.clip and attack.norm == "l0":
        yield f"attacks.{name}.clip: images cannot be moved into a budget in l0: leave it out"
    if getattr(attack, "norm", "linf") != "linf":
        return
    low, high = attack.pixel_range
    for key in ("epsilon", "alpha"):
        value = getattr(attack, key, None)
        if value is not None and value > high - low:
            yield (
                f"attacks.{name}.{key}: {to_text(value)} is more than the width of pixel_range "
                f"[{to_text(low)}, {to_text(high)}]: write 8 of 255 grey levels as 8/255"
            )


def _control_mistakes(name: str, control: Control, attacks: Mapping[str, Attack]) -> Iterator[str]:
    where, like = f"attacks.{name}.like", attacks.get(control.like)
    if like is None:
        yield f"{where}: {no_entry('attacks', control.like, attacks)}"
    elif isinstance(like, Control):
        yield f"{where}: {control.like!r} is a control itself: name the attack that it imitates"
    elif like.pixel_range != control.pixel_range:
        low, high = map(to_text, like.pixel_range)
        yield f"attacks.{name}.pixel_range: must be that of {control.like}, [{low}, {high}]"


def _own_attack_mistakes(name: str, attack: OwnAttack) -> Iterator[str]:
    mistake = attack_mistake(name, attack.attack)
    if mistake is not None:
        yield mistake
        return
    found, where, function = signature("attacks", attack.attack), f"attacks.{name}", f"attack() of {attack.attack}"
    for keyword in ATTACK_IS_GIVEN:
        if not found.takes(keyword):
            yield f"{where}.attack: {function} must take the keyword {keyword}, which every attack is given"
    reserved = (*ATTACK_RESERVED, *found.positional)
    yield from keyword_mistakes(f"{where}.parameters", attack.parameters, found, function, reserved=reserved)
