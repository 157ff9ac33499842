"""The keys of every section of the schema in words, for the tables of the reference."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import yaml

from workflow_scripts.configuration.schema.base import Section
from workflow_scripts.configuration.schema.root import Configuration

_BARE = re.compile(r"[-+]?[\d.]+([eE][-+]?\d+)?(/[\d.]+)?")


@dataclass(frozen=True)
class Key:
    """One key of a section.

    name: as it is written. kind: what it takes, in words. default: as YAML text, or None where the key is required.
    meaning: its description in the schema. part: the class of the section below it, or None. many: whether it holds
    several such sections, by name or in a list. owner: the class that declares it.
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
        """Whether the key takes a single word, which selects the class of its section (`attack: fgsm`)."""
        return self.kind.count("`") == 2


@cache
def parts() -> dict[str, type[Section]]:
    """Every section class by its name, the whole configuration's first."""

    def subclasses(part: type[Section]) -> Iterator[type[Section]]:
        for child in part.__subclasses__():
            yield child
            yield from subclasses(child)

    return {part.__name__: part for part in (Configuration, *subclasses(Section))}


@cache
def keys(name: str) -> tuple[Key, ...]:
    """The keys of a section class in the schema's order; an attack's own come before those of every attack."""
    part = parts()[name]
    schema = part.model_json_schema()
    found = [_key(part, key, content, schema) for key, content in schema["properties"].items()]
    return tuple(sorted(found, key=lambda key: (name != "Attack" and key.owner == "Attack", not key.is_kind)))


def flow(value: object) -> str:
    """A value as YAML on one line, with numbers and fractions unquoted."""
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {flow(item)}" for key, item in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(flow(item) for item in value) + "]"
    if isinstance(value, str) and _BARE.fullmatch(value):
        return value
    return yaml.safe_dump(value, default_flow_style=True, width=1000).removesuffix("\n").removesuffix("\n...")


def _key(part: type[Section], name: str, content: dict, schema: dict) -> Key:
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
    """The class of the section below a key, and whether the key holds several of them."""
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
    """What a key takes, in words, from its JSON schema."""
    if "$ref" in content:
        return "section"
    if "anyOf" in content:
        return " or ".join(words(option) for option in content["anyOf"])
    if "const" in content:
        return f"`{content['const']}`"
    if "enum" in content:
        options = dict.fromkeys(re.sub(":.*", ":<class>", option) for option in content["enum"])
        *most, last = (f"`{option}`" for option in options)
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
