"""The published values of a table, as they enter its recipe."""

from __future__ import annotations

import json

from workflow_scripts.configuration.load import read_yaml
from workflow_scripts.recipes.fingerprint import ROOT

FOLDER = ROOT / "config" / "published"


def published_values(study: str, table: str) -> str | None:
    """The content of `config/published/<study>/<table>.yaml` as JSON text, so that the recipe itself contains it.

    None where there is no such file, because the paper has no such table.
    """
    path = FOLDER / study / f"{table}.yaml"
    if not path.exists():
        return None
    return json.dumps(read_yaml(path), sort_keys=True)
