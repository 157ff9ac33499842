"""Load a configuration; ConfigurationError names the key, the mistake and the remedy, one line each."""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from workflow_scripts.configuration.checks import mistakes
from workflow_scripts.configuration.messages import describe, shown
from workflow_scripts.configuration.modules import use_code_folders
from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.recipes.yaml_text import LOADER

SECTIONS = ", ".join(Configuration.model_fields)
_MERGE = "tag:yaml.org,2002:merge"


class ConfigurationError(ValueError):
    """One or several mistakes in a configuration, one line each."""


def load(path: Path) -> Configuration:
    """Read and check a configuration file; ConfigurationError lists the mistakes."""
    return check(read_yaml(path), str(path))


def read_yaml(path: Path) -> Any:
    """A configuration file's content; ConfigurationError where it cannot be read."""
    try:
        return parse_yaml(path.read_text(encoding="utf-8"), str(path))
    except FileNotFoundError:
        raise ConfigurationError(f"{path}: there is no such configuration file") from None
    except UnicodeDecodeError:
        raise ConfigurationError(f"{path}: is not UTF-8 text") from None
    except OSError as error:
        raise ConfigurationError(f"{path}: cannot be read ({error.strerror})") from None


def parse_yaml(text: str, name: str) -> Any:
    """The content of YAML text; ConfigurationError names the line of a mistake."""
    with suppress(yaml.YAMLError, ValueError):
        return yaml.load(text, _FastUniqueKeys)
    try:  # again, because PyYAML's message is clearer than libyaml's
        return yaml.load(text, _UniqueKeys)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f", line {mark.line + 1}" if mark is not None else ""
        problem = " ".join(part for part in (error.context, error.problem) if part)
        raise ConfigurationError(f"{name}{where}: not valid YAML: {problem}") from None
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"{name}: not valid YAML: {' '.join(str(error).split())}") from None


def check(content: Any, name: str = "configuration") -> Configuration:
    """The configuration that parsed YAML describes; ConfigurationError lists the mistakes."""
    if content is None:
        raise ConfigurationError(f"{name}: is empty; it takes the sections {SECTIONS}")
    if not isinstance(content, dict):
        raise ConfigurationError(f"{name}: must be a mapping of the sections {SECTIONS}, not {shown(content)}")
    use_code_folders(_code_folders(content))
    try:
        configuration = Configuration.model_validate(content)
    except ValidationError as error:
        raise _error(name, describe(error, content)) from None
    found = list(dict.fromkeys(mistakes(configuration)))  # models that share a training share its mistakes
    if found:
        raise _error(name, found)
    return configuration


def _code_folders(content: dict) -> list[Path]:
    """`execution.code` before it is checked: the modules in these folders are needed to describe mistakes."""
    section = content.get("execution")
    folders = section.get("code") if isinstance(section, dict) else None
    return [Path(each) for each in folders if isinstance(each, str)] if isinstance(folders, list) else []


def overlaid(content: Any, overrides: dict) -> Any:
    """`content` overridden by Snakemake's `--config section={…}`, mapping by mapping, key by key.

    Snakemake passes nested values as text, which is parsed as in a YAML file. Raises ConfigurationError where an
    override is not valid YAML.
    """
    if not isinstance(content, dict):
        return content
    return _laid_over(content, {key: _from_text(value, f"--config {key}") for key, value in overrides.items()})


def _laid_over(below: dict, above: dict) -> dict:
    result = dict(below)
    for key, value in above.items():
        under = result.get(key)
        result[key] = _laid_over(under, value) if isinstance(under, dict) and isinstance(value, dict) else value
    return result


def _from_text(value: Any, where: str) -> Any:
    if isinstance(value, dict):
        return {key: _from_text(item, f"{where}.{key}") for key, item in value.items()}
    if isinstance(value, list):
        return [_from_text(item, where) for item in value]
    return parse_yaml(value, where) if isinstance(value, str) else value


def _error(name: str, lines: Any) -> ConfigurationError:
    return ConfigurationError("\n".join(f"{name}: {line}" for line in lines))


class _UniqueKeysMixin:
    """YAML in which a key that is given twice is an error; plain YAML keeps the last value."""

    def construct_mapping(self, node, deep=False):
        seen = set()
        for key_node, _ in node.value:
            if key_node.tag == _MERGE:
                continue
            if not isinstance(key_node, yaml.ScalarNode):
                raise yaml.constructor.ConstructorError(None, None, "a key must be text", key_node.start_mark)
            key = self.construct_object(key_node, deep=True)
            if key in seen:
                raise yaml.constructor.ConstructorError(None, None, f"{key!r} is given twice", key_node.start_mark)
            seen.add(key)
        return super().construct_mapping(node, deep)


class _UniqueKeys(_UniqueKeysMixin, yaml.SafeLoader):
    """By PyYAML alone."""


class _FastUniqueKeys(_UniqueKeysMixin, LOADER):
    """By libyaml, where PyYAML was built with it."""
