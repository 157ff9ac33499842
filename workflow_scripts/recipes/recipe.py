"""Recipes: everything that decides an artifact's bytes, as canonical JSON with a SHA-256 digest."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from fractions import Fraction
from functools import cache, cached_property, lru_cache
from pathlib import Path

from workflow_scripts.recipes.exact_numbers import to_text

KIND = re.compile(r"[a-z][a-z0-9_]{0,39}")
LABEL = re.compile(r"[a-z0-9][a-z0-9_.-]{0,79}")
SHORT = 12


class RecipeError(ValueError):
    """A recipe file that cannot be trusted."""


@dataclass(frozen=True)
class Input:
    """An artifact that a recipe reads: the role it plays there, and its identity."""

    role: dict
    kind: str
    label: str
    digest: str

    @property
    def folder(self) -> str:
        """The artifact's folder, relative to the store."""
        return f"{self.kind}/{self.label}--{self.digest[:SHORT]}"

    @property
    def text(self) -> str:
        """Its canonical JSON."""
        named = f'"digest":{quoted(self.digest)},"kind":{quoted(self.kind)},"label":{quoted(self.label)}'
        return f'{{{named},"role":{role_text(self.role)}}}'


@dataclass(frozen=True)
class Recipe:
    """What makes one artifact. `parameters` hold JSON values and fractions; `modules` map module → fingerprint.

    The order of a mapping's keys is no part of it, and jobs read them sorted: what has an order is a list.

    `title` and `keys` are for people and no part of the recipe's identity: what the job does, in the words of the
    configuration that planned it, and under which of its keys the parameters stand (of `training.epochs` the longest
    beginning counts, and `entry` where there is none).
    """

    kind: str
    label: str
    parameters: dict
    inputs: tuple[Input, ...]
    modules: dict[str, str]
    numerics_epoch: str
    title: str = field(default="", compare=False)
    keys: dict[str, str] = field(default_factory=dict, compare=False)

    def __post_init__(self):
        if not KIND.fullmatch(self.kind):
            raise RecipeError(f"{self.kind!r} cannot be a kind of artifact (a-z, 0-9, '_')")
        if not LABEL.fullmatch(self.label):
            raise RecipeError(f"{self.label!r} cannot be an artifact's label (a-z, 0-9, '_', '.', '-')")

    @cached_property
    def content(self) -> dict:
        """The recipe as JSON values; the label is derived from the rest and so is no part of the digest."""
        inputs = [{"role": i.role, "kind": i.kind, "label": i.label, "digest": i.digest} for i in self.inputs]
        return plain(
            {
                "kind": self.kind,
                "parameters": self.parameters,
                "inputs": inputs,
                "modules": self.modules,
                "numerics_epoch": self.numerics_epoch,
            }
        )

    @property
    def text(self) -> str:
        """The canonical JSON of `content`, assembled from cached parts that many recipes share."""
        inputs = ",".join(item.text for item in self.inputs)
        return (
            f'{{"inputs":[{inputs}],"kind":{quoted(self.kind)},"modules":{_modules_text(tuple(self.modules.items()))},'
            f'"numerics_epoch":{quoted(self.numerics_epoch)},"parameters":{canonical_json(plain(self.parameters))}}}'
        )

    @cached_property
    def digest(self) -> str:
        """SHA-256 (hexadecimal) of the canonical JSON."""
        return hashlib.sha256(self.text.encode()).hexdigest()

    @cached_property
    def folder(self) -> str:
        """The artifact's folder, relative to the store."""
        return f"{self.kind}/{self.label}--{self.digest[:SHORT]}"

    @property
    def file_name(self) -> str:
        """The path of the recipe file, relative to the folder of recipes."""
        return f"{self.folder}.json"

    def as_input(self, **role) -> Input:
        """This recipe's artifact as an input of another recipe."""
        return Input(role, self.kind, self.label, self.digest)


def plain(value: object) -> object:
    """JSON values with exact numbers as text (`8/255`); raises TypeError on floats, which have no canonical text."""
    if value is None or isinstance(value, (str, int)):  # noqa: UP038 - called hundreds of thousands of times per plan
        return value
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):  # noqa: UP038
        return [plain(item) for item in value]
    if isinstance(value, Fraction):  # last: the slowest check
        return to_text(value)
    raise TypeError(f"{value!r} ({type(value).__name__}) cannot stand in a recipe")


def canonical_json(value: object) -> str:
    """One text for equal values: sorted keys, no spaces."""
    return _encoder.encode(value)


_encoder = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True, allow_nan=False)
quoted = json.encoder.encode_basestring_ascii
"""A string's canonical JSON; TypeError for anything else."""


@cache
def _modules_text(modules: tuple[tuple[str, str], ...]) -> str:
    """The canonical JSON of a recipe's modules, cached: thousands of recipes have the same ones."""
    return canonical_json(plain(dict(modules)))


def role_text(role: dict) -> str:
    """The canonical JSON of an input's role, cached: the same few roles appear in every recipe."""
    try:
        return _role_text(*role, *role.values())
    except TypeError:  # values that are not hashable, such as lists
        return canonical_json(plain(role))


@lru_cache(maxsize=None, typed=True)
def _role_text(*keys_and_values) -> str:
    half = len(keys_and_values) // 2
    return canonical_json(plain(dict(zip(keys_and_values[:half], keys_and_values[half:], strict=True))))


def digest_of(content: object) -> str:
    return hashlib.sha256(canonical_json(content).encode()).hexdigest()


_END = b"\n}\n"
"""The end of every complete recipe file, and of no truncated one: the only brace at the beginning of a line."""


def write_recipe(recipe: Recipe, folder: Path) -> Path:
    """Write the recipe file unless it exists; one that lost bytes (a crash, a full disk) is written again."""
    write_recipes([recipe], folder)
    return folder / recipe.file_name


def write_recipes(recipes: Iterable[Recipe], folder: Path) -> None:
    """The same for many recipes: of files that exist, only the end is read."""
    for recipe in recipes:
        name = f"{folder}/{recipe.file_name}"
        if _is_complete(name):
            continue
        path = Path(name)
        named = f' "label": {quoted(recipe.label)},\n "digest": {quoted(recipe.digest)},\n'
        named += f' "title": {quoted(recipe.title)},\n "keys": {canonical_json(recipe.keys)},\n'
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_name(f".{path.name}.{os.getpid()}")
        temporary.write_text(f'{{\n{named} "recipe": {recipe.text}\n}}\n')
        os.replace(temporary, path)


def _is_complete(path: str) -> bool:
    """Whether a recipe file exists and has its last bytes."""
    try:
        handle = os.open(path, os.O_RDONLY)
    except FileNotFoundError:
        return False
    try:
        return os.pread(handle, len(_END), max(0, os.fstat(handle).st_size - len(_END))) == _END
    finally:
        os.close(handle)


def read_recipe(path: Path) -> Recipe:
    """Load a recipe file and check it against its own digest; RecipeError where it is damaged."""
    try:
        document = json.loads(path.read_text())
        content = document["recipe"]
        keys = {str(key): str(value) for key, value in document.get("keys", {}).items()}
        recipe = replace(from_content(content, document["label"]), title=str(document.get("title", "")), keys=keys)
        matches = recipe.digest == digest_of(content) == document["digest"]
    except FileNotFoundError:
        raise RecipeError(f"{path}: no such recipe: plan again (snakemake --dry-run)") from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise RecipeError(f"{path} is not a readable recipe ({error}): delete it and plan again") from error
    if not matches:
        raise RecipeError(f"{path} does not match its digest: delete it and plan again")
    return recipe


def from_content(content: dict, label: str) -> Recipe:
    """The recipe whose `content` and label are given."""
    inputs = tuple(Input(i["role"], i["kind"], i["label"], i["digest"]) for i in content["inputs"])
    return Recipe(content["kind"], label, content["parameters"], inputs, content["modules"], content["numerics_epoch"])
