"""What given configurations need, and where they keep their store."""

from __future__ import annotations

import argparse
from collections.abc import Iterable
from pathlib import Path

from workflow_scripts.commands.configuration_options import load_configuration
from workflow_scripts.planning.plan import Plan
from workflow_scripts.store.lookup import StoreError, Workspace


def planned(workspace: Workspace, configurations: Iterable[Path], options: argparse.Namespace) -> list[Plan]:
    """The plan of each configuration, with the values given by --config; StoreError where one cannot be planned."""
    from workflow_scripts.planning.studies import make_plan

    plans = []
    for path in configurations:
        try:
            configuration = load_configuration(path, options.config)
            plans.append(make_plan(configuration, hash_cache=workspace.results / "cache" / "content_hashes.json"))
        except ValueError as error:
            text = "; ".join(str(error).splitlines())
            raise StoreError(text if str(path) in text else f"{path}: {text}") from error
    return plans


def store_root(configuration: Path, options: argparse.Namespace) -> Path:
    """The store's folder of a configuration; nothing else in it is checked."""
    from workflow_scripts.configuration.schema.root import Store

    root = _store_section(configuration, options).get("root")
    return Path(root if isinstance(root, str) else Store().root)


def upstreams(configuration: Path, options: argparse.Namespace) -> list[Path]:
    """The stores of others that a configuration names; nothing else in it is checked."""
    found = _store_section(configuration, options).get("upstream")
    return [Path(each) for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _store_section(configuration: Path, options: argparse.Namespace) -> dict:
    from workflow_scripts.configuration.load import ConfigurationError, overlaid, read_yaml

    try:
        content = overlaid(read_yaml(configuration), dict(options.config))
    except ConfigurationError as error:
        raise StoreError(str(error)) from error
    section = content.get("store") if isinstance(content, dict) else None
    return section if isinstance(section, dict) else {}
