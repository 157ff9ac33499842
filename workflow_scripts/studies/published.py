"""The published values of a table, as they go into its recipe."""

from __future__ import annotations

import json
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parents[2] / "config" / "published"


def published_table(study: str, table: str) -> str:
    """The content of `config/published/<study>/<table>.yaml` as JSON text, so that the recipe itself holds it."""
    content = yaml.safe_load((FOLDER / study / f"{table}.yaml").read_text(encoding="utf-8"))
    return json.dumps(content, sort_keys=True)
