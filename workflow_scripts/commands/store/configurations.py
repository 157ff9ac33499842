"""What given configurations need, and where they keep their store."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.store.lookup import StoreError, Workspace


def planned(workspace: Workspace, configurations: Iterable[Path]) -> dict[str, Recipe]:
    """Artifact folder → recipe, for all that the configurations need; StoreError where one cannot be planned."""
    from workflow_scripts.configuration.load import load
    from workflow_scripts.planning.studies import make_plan

    needed: dict[str, Recipe] = {}
    for path in configurations:
        try:
            plan = make_plan(load(path), hash_cache=workspace.results / "cache" / "content_hashes.json")
        except ValueError as error:
            text = "; ".join(str(error).splitlines())
            raise StoreError(text if str(path) in text else f"{path}: {text}") from error
        needed |= plan.recipes
    return needed


def store_root(configuration: Path) -> Path:
    """The store's folder of a configuration; nothing else in it is checked."""
    from workflow_scripts.configuration.load import ConfigurationError, read_yaml
    from workflow_scripts.configuration.schema.root import Store

    try:
        content = read_yaml(configuration)
    except ConfigurationError as error:
        raise StoreError(str(error)) from error
    section = content.get("store") if isinstance(content, dict) else None
    root = section.get("root") if isinstance(section, dict) else None
    return Path(root if isinstance(root, str) else Store().root)
