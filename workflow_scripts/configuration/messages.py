"""Pydantic's errors as one line each: the key's path, what is wrong, what is allowed, and the nearest known name."""

from __future__ import annotations

import difflib
import re
import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from workflow_scripts.configuration.modules import BrokenModule, known, signature
from workflow_scripts.configuration.renamed import rename_advice, renamed_key, renamed_value
from workflow_scripts.configuration.schema.attacks import EXTERNAL, OWN, TAGS
from workflow_scripts.configuration.schema.root import Configuration

NAME_RULE = "a name starts with a lower-case letter and has lower-case letters, digits and underscores, 40 at most"
_TYPES = {
    "bool": "true or false",
    "dict": "a mapping",
    "float": "a number",
    "int": "a whole number",
    "list": "a list",
    "model": "a mapping of keys",
    "string": "text",
    "tuple": "a list",
}


def describe(error: ValidationError, content: dict) -> Iterator[str]:
    """One line per mistake; `content` is the configuration that was validated."""
    reported: set[str] = set()
    for item in error.errors():
        where, tag = list(item["loc"]), None
        if where[:1] == ["attacks"] and len(where) > 2 and where[2] in TAGS:
            tag = where.pop(2)  # pydantic names the chosen class of attack, which is no key
        if tag == OWN and isinstance(content["attacks"][where[1]], dict):
            name = where[1]
            line = None if name in reported else attack_mistake(name, content["attacks"][name].get("attack"))
            if line is not None:
                reported.add(name)
                yield line
            if name in reported:
                continue
        if item["type"] == "missing" and _has_old_name(where, tag, item["input"]):
            continue
        yield _line(where, tag, item, content)


def _line(where: list, tag: str | None, item: dict, content: dict) -> str:
    if where and where[-1] == "[key]":
        return f"{dotted(where[:-2])}.{where[-2]}: {NAME_RULE}"
    kind, given, key = item["type"], item["input"], dotted(where)
    if kind == "extra_forbidden":
        return f"{key}: {_unknown_key(where, tag, content)}"
    if kind == "invalid_key":
        return f"{dotted(where[:-1])}: the key {shown(where[-1])} must be text"
    if kind == "missing":
        return f"{key}: is missing and has no default"
    if kind in ("value_error", "assertion_error"):
        mistake = item["ctx"]["error"]
        below = getattr(mistake, "key", None)
        return f"{key}{'.' + below if below else ''}: {mistake}"
    if kind == "literal_error":
        return f"{key}: {_not_an_option(where, tag, given, item['ctx']['expected'])}"
    if kind == "string_pattern_mismatch":
        return f"{key}: {shown(given)} is not a valid name: {NAME_RULE}"
    if kind in ("too_short", "string_too_short"):
        return f"{key}: must not be empty"
    return f"{key}: must {_limit(kind, item)}, not {_measured(kind, item)}"


def _limit(kind: str, item: dict) -> str:
    """What a number, a list or a type is required to be, to stand behind `must`."""
    if kind in ("greater_than_equal", "less_than_equal"):
        return f"be at least {item['ctx']['ge']}" if "ge" in item["ctx"] else f"be at most {item['ctx']['le']}"
    if kind == "too_long":
        return f"have {item['ctx']['max_length']} entries"
    expected = _TYPES.get(kind.partition("_")[0])
    return f"be {expected}" if expected is not None else f"be valid ({item['msg'][0].lower() + item['msg'][1:]})"


def _measured(kind: str, item: dict) -> str:
    return str(item["ctx"]["actual_length"]) if kind == "too_long" else shown(item["input"])


def _not_an_option(where: list, tag: str | None, given: object, expected: str) -> str:
    section = _section(where[:-1], tag)
    new = None if section is None else renamed_value(section, str(where[-1]), given)
    if new is not None:
        return f"{given} is called {new} now: rename it"
    options = expected.replace("'", "").replace(" or ", ", ").split(", ")
    collection = str(given).partition(":")[0] + ":"
    if any(option.startswith(collection) for option in options):
        listed = [option for option in options if option.startswith(collection)]
    else:
        listed = list(dict.fromkeys(re.sub(":.*", ":<class>", option) for option in options))
    bare = next((option for option in options if option.lower().endswith(f":{given}".lower())), None)
    suggestion = f"; did you mean {bare!r}?" if bare is not None else did_you_mean(given, options)
    return f"{shown(given)} is not one of {', '.join(listed)}{suggestion}"


def attack_mistake(name: str, module: object) -> str | None:
    """What is wrong with the `attack` of an entry that is not built in; None where it names a usable module."""
    where = f"attacks.{name}.attack"
    if module is None:
        return f"{where}: is missing (known: {', '.join(known('attacks'))})"
    if not isinstance(module, str):
        return f"{where}: must be text, not {shown(module)}"
    try:
        if signature("attacks", module) is not None:
            return None
    except BrokenModule as error:
        return f"{where}: {error}"
    return f"{where}: no attack {module!r}{nearest(module, known('attacks'))}"


def shown(value: object) -> str:
    """A value much as YAML writes it, shortened where it is long."""
    if value is None:
        return "null"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def dotted(where: Iterable[object]) -> str:
    """The path of a key as text: `studies.information_flow.attacks[2]`."""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "configuration"


def did_you_mean(name: object, options: Iterable[str]) -> str:
    """`; did you mean 'X'?` where a known name is similar, and otherwise nothing."""
    by_lower = {option.lower(): option for option in options}
    wanted = str(name).lower()
    close = difflib.get_close_matches(wanted, sorted(by_lower), 1, 0.7)
    if not close and len(wanted) > 2:
        close = [option for option in sorted(by_lower) if wanted in option]
    return f"; did you mean {by_lower[close[0]]!r}?" if close else ""


def nearest(name: str, options: Iterable[str]) -> str:
    """`; did you mean 'X'?`, or the list of known names."""
    options = sorted(options)
    return did_you_mean(name, options) or (f" (known: {', '.join(options)})" if options else " (there is none)")


def _unknown_key(where: list, tag: str | None, content: dict) -> str:
    key, section = str(where[-1]), _section(where[:-1], tag)
    advice = None if section is None else rename_advice(section, key)
    if advice is not None:
        return advice
    if tag == OWN and len(where) == 3:
        module = content["attacks"][where[1]]["attack"]
        if signature("attacks", module).takes(key):
            place = f"{dotted(where[:-1])}.parameters.{key}"
            return f"unknown key: {module} is an attack of your own, whose settings go to {place}"
    if tag == EXTERNAL and len(where) == 3 and not did_you_mean(key, section.model_fields):
        module = content["attacks"][where[1]]["attack"]
        return f"unknown key: keywords of {module} go to {dotted(where[:-1])}.parameters.{key}"
    return f"unknown key{nearest(key, section.model_fields) if section is not None else ''}"


def _has_old_name(where: list, tag: str | None, given: object) -> bool:
    """Whether a missing key is there by an old name, which is reported anyway."""
    section = _section(where[:-1], tag)
    if section is None or not isinstance(given, dict):
        return False
    return any(renamed_key(section, str(key)) == where[-1] for key in given)


def _section(where: list, tag: str | None) -> type[BaseModel] | None:
    """The schema class of the section at a path; `tag` is the algorithm where this is an attack."""
    here: Any = Configuration
    for part in where:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = _plain(here.model_fields[str(part)].annotation, tag)
        elif get_origin(here) in (dict, list):
            here = _plain(get_args(here)[-1], tag)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _plain(annotation: Any, tag: str | None) -> Any:
    """An annotation without Annotated and None; of the union of attacks, the one with the tag."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0], tag)
    if get_origin(annotation) in (Union, types.UnionType):
        options = [option for option in get_args(annotation) if option is not type(None)]
        tagged = [o for o in options if get_origin(o) is Annotated and Tag(tag or "") in get_args(o)]
        return _plain((tagged or options)[0], tag)
    return annotation
