"""Writing a table in every format."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from workflow_scripts.rendering.html import html_text, markdown_text
from workflow_scripts.rendering.latex import latex_text
from workflow_scripts.rendering.table import Table, csv_text


def write_table(table: Table, folder: Path | str, stem: str, sources: Sequence[str]) -> list[Path]:
    """Write `stem`.csv, .tex, .md and .html into `folder`, which is created if necessary; return their paths.

    sources: names of the artifacts that the values come from, which are listed in every format except CSV. The same
    table and sources always give the same bytes.
    """
    texts = {
        "csv": csv_text(table),
        "tex": latex_text(table, sources),
        "md": markdown_text(table, sources),
        "html": html_text(table, sources),
    }
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    paths = [folder / f"{stem}.{ending}" for ending in texts]
    for path, text in zip(paths, texts.values(), strict=True):
        path.write_text(text, encoding="utf-8", newline="\n")
    return paths
