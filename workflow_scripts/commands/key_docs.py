"""The schema's sections and keys in words: what the manual's tables and the default configuration's comments say."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import yaml

from workflow_scripts.configuration.schema.attacks import Attack
from workflow_scripts.configuration.schema.base import Part
from workflow_scripts.configuration.schema.root import Configuration

_BARE = re.compile(r"[-+]?[\d.]+([eE][-+]?\d+)?(/[\d.]+)?")


@dataclass(frozen=True)
class Key:
    """One key of a section. default: YAML text, None where the key is required. part: the class below it, or None.

    many: whether it holds several entries of `part`, by name or in a list. owner: the class that declares it.
    """

    name: str
    kind: str
    default: str | None
    meaning: str
    part: str | None
    many: bool
    owner: str

    @property
    def is_kind(self) -> bool:
        """Whether the key takes one word alone, which says what the section is (`attack: fgsm`)."""
        return self.kind.count("`") == 2


@cache
def parts() -> dict[str, type[Part]]:
    """Every section class by its name."""

    def below(part: type[Part]) -> Iterator[type[Part]]:
        yield part
        for child in part.__subclasses__():
            yield from below(child)

    return {part.__name__: part for part in below(Part)}


@cache
def keys(name: str) -> tuple[Key, ...]:
    """The keys of a section class in their order, an attack's own before those that every attack has."""
    part = parts()[name]
    schema = part.model_json_schema()
    found = [_key(part, key, content, schema) for key, content in schema["properties"].items()]
    return tuple(sorted(found, key=lambda key: (name != "Attack" and key.owner == "Attack", not key.is_kind)))


def attack_kinds() -> dict[str, str]:
    """Attack → its section class, the user's own last under `own`."""
    kinds = {}
    for part in Attack.__subclasses__():
        tag = part.model_json_schema()["properties"]["attack"].get("const", "own")
        kinds[tag] = part.__name__
    return kinds


def flow(value: object) -> str:
    """A value as YAML on one line; numbers and fractions stand bare."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("\n").removesuffix("\n...")


def _key(part: type[Part], name: str, content: dict, schema: dict) -> Key:
    required = name in schema.get("required", ())
    owner = next(base for base in reversed(part.__mro__) if name in getattr(base, "__annotations__", {}))
    reference, many = _below(content)
    meaning = content.get("description", "")
    if "const" in content:
        meaning = (part.__doc__ or "").strip().rstrip(".")
    return Key(
        name=name,
        kind=words(content),
        default=None if required else flow(content.get("default")),
        meaning=meaning,
        part=reference,
        many=many,
        owner=owner.__name__,
    )


def _below(content: dict) -> tuple[str | None, bool]:
    """The section class that a key's schema leads to, and whether it holds many of them."""
    if "$ref" in content:
        return content["$ref"].rpartition("/")[2], False
    for option in content.get("anyOf", ()):
        if "$ref" in option:
            return option["$ref"].rpartition("/")[2], False
    inner = content.get("items") or next(iter(content.get("patternProperties", {}).values()), None) or {}
    if "oneOf" in inner:
        return "Attack", True
    return (inner["$ref"].rpartition("/")[2], True) if "$ref" in inner else (None, False)


def words(content: dict) -> str:
    """What a key takes, from its JSON schema, in words for the manual."""
    if "$ref" in content:
        return "section"
    if "anyOf" in content:
        return " or ".join(words(option) for option in content["anyOf"])
    if "const" in content:
        return f"`{content['const']}`"
    if "enum" in content:
        *most, last = (f"`{option}`" for option in content["enum"])
        return f"{', '.join(most)} or {last}"
    kind = content.get("type")
    if isinstance(kind, list):
        return _limited("number", content) if "pattern" in content else _free(kind)
    if kind == "array":
        if "prefixItems" in content:
            return f"list of {len(content['prefixItems'])} numbers"
        if content["items"].get("format") == "path":
            return "list of paths"
        item = words(content["items"])
        return "list of " + re.sub(r"^(whole number|number|section|name|text)", r"\1s", item).replace("texts", "names")
    if kind == "object":
        section, _ = _below(content)
        return "name → section" if section else "name → value"
    return _limited(
        {"integer": "whole number", "boolean": "true or false", "string": "text"}.get(kind, str(kind)), content
    )


def _limited(word: str, content: dict) -> str:
    if "maximum" in content:
        return f"{word} in {content['minimum']} … {content['maximum']}"
    if "minimum" in content:
        return f"{word} ≥ {content['minimum']}"
    return f"{word} > {content['exclusiveMinimum']}" if "exclusiveMinimum" in content else word


def _free(kinds: list[str]) -> str:
    *most, last = ({"boolean": "true or false", "string": "text"}.get(kind, kind) for kind in kinds)
    return f"{', '.join(most)} or {last}"


ROOT_PART = Configuration.__name__
