"""What pydantic found, as one line a mistake: the key's path, what it is, what it may be, the nearest known name."""

from __future__ import annotations

import difflib
import types
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, Tag, ValidationError

from workflow_scripts.configuration.modules import BrokenModule, known, signature
from workflow_scripts.configuration.schema.attacks import BUILT_IN_NAMES, OWN
from workflow_scripts.configuration.schema.root import Configuration

NAME_RULE = "a name starts with a lower-case letter and has lower-case letters, digits and underscores, 40 at most"
_WRONG_TYPE = {
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
    """One line a mistake; `content` is what was validated."""
    unusable: set[str] = set()
    for item in error.errors():
        where, tag = list(item["loc"]), None
        if where[:1] == ["attacks"] and len(where) > 2 and where[2] in (*BUILT_IN_NAMES, OWN):
            tag = where.pop(2)
        if tag == OWN and isinstance(content["attacks"][where[1]], dict):
            name = where[1]
            line = None if name in unusable else attack_mistake(name, content["attacks"][name].get("attack"))
            if line is not None:
                unusable.add(name)
                yield line
            if name in unusable:
                continue
        yield _line(where, tag, item, content)


def _line(where: list, tag: str | None, item: dict, content: dict) -> str:
    kind, given = item["type"], item["input"]
    if where and where[-1] == "[key]":
        return f"{dotted(where[:-2])}.{where[-2]}: {NAME_RULE}"
    key = dotted(where)
    if kind == "extra_forbidden":
        return f"{key}: unknown key{_unknown_key(where, tag, content)}"
    if kind == "invalid_key":
        return f"{dotted(where[:-1])}: the key {shown(where[-1])} must be text"
    if kind == "missing":
        return f"{key}: is missing and has no default"
    if kind in ("value_error", "assertion_error"):
        mistake = item["ctx"]["error"]
        below = getattr(mistake, "key", None)
        return f"{key}{'.' + below if below else ''}: {mistake}"
    if kind == "literal_error":
        options = item["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
        return f"{key}: {shown(given)} is not one of {', '.join(options)}{did_you_mean(given, options)}"
    if kind == "string_pattern_mismatch":
        return f"{key}: {shown(given)} is no name: {NAME_RULE}"
    if kind in ("greater_than_equal", "less_than_equal"):
        bound = f"at least {item['ctx']['ge']}" if "ge" in item["ctx"] else f"at most {item['ctx']['le']}"
        return f"{key}: must be {bound}, not {shown(given)}"
    if kind in ("too_short", "string_too_short"):
        return f"{key}: must not be empty"
    if kind == "too_long":
        return f"{key}: must have {item['ctx']['max_length']} entries, not {item['ctx']['actual_length']}"
    expected = _WRONG_TYPE.get(kind.partition("_")[0])
    if expected is not None:
        return f"{key}: must be {expected}, not {shown(given)}"
    return f"{key}: {item['msg'][0].lower() + item['msg'][1:]}, not {shown(given)}"


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
    """A value as YAML's reader would recognise it, cut where it is long."""
    if value is None:
        return "null"
    text = str(value).lower() if isinstance(value, bool) else repr(value)
    return text if len(text) <= 60 else text[:57] + "..."


def dotted(where: Iterable[object]) -> str:
    """`studies.information_flow.attacks[2]`."""
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "configuration"


def did_you_mean(name: object, options: Iterable[str]) -> str:
    """`; did you mean 'X'?` where a known name is near, and otherwise nothing."""
    by_lower = {option.lower(): option for option in options}
    wanted = str(name).lower()
    close = difflib.get_close_matches(wanted, sorted(by_lower), 1, 0.7)
    if not close and len(wanted) > 2:
        close = [option for option in sorted(by_lower) if wanted in option]
    return f"; did you mean {by_lower[close[0]]!r}?" if close else ""


def nearest(name: str, options: Iterable[str]) -> str:
    """`; did you mean 'X'?`, or the list of what there is."""
    options = sorted(options)
    return did_you_mean(name, options) or (f" (known: {', '.join(options)})" if options else " (there is none)")


def _unknown_key(where: list, tag: str | None, content: dict) -> str:
    key = str(where[-1])
    if tag == OWN and len(where) == 3:
        module = content["attacks"][where[1]]["attack"]
        if signature("attacks", module).takes(key):
            return f": {module} is an attack of your own, whose settings go to {dotted(where[:-1])}.parameters.{key}"
    part = _section(where[:-1], tag)
    return nearest(key, part.model_fields) if part is not None else ""


def _section(where: list, tag: str | None) -> type[BaseModel] | None:
    """The schema class of the section at a path; `tag` tells which attack is meant."""
    here: Any = Configuration
    for part in where:
        if isinstance(here, type) and issubclass(here, BaseModel):
            here = _plain(here.model_fields[str(part)].annotation, tag)
        elif get_origin(here) in (dict, list):
            here = _plain(get_args(here)[-1], tag)
    return here if isinstance(here, type) and issubclass(here, BaseModel) else None


def _plain(annotation: Any, tag: str | None) -> Any:
    """An annotation without Annotated and None; of a union of attacks the one with the tag."""
    if get_origin(annotation) is Annotated:
        return _plain(get_args(annotation)[0], tag)
    if get_origin(annotation) in (Union, types.UnionType):
        options = [option for option in get_args(annotation) if option is not type(None)]
        tagged = [o for o in options if get_origin(o) is Annotated and Tag(tag or "") in get_args(o)]
        return _plain((tagged or options)[0], tag)
    return annotation
