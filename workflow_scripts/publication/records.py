"""Publications, and the records that say which artifact the public files are copies of.

A record `results/published/<study>/<name>--<digest>.json` names the public files and their SHA-256. One that is no longer
true is removed when a run is planned, so that the files are published again, whatever Snakemake remembers.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.recipes.recipe import SHORT, Recipe
from workflow_scripts.store.integrity import sha256_of


@dataclass(frozen=True)
class Publication:
    """A table or figure artifact's public copy: `results/<tables|figures>/<study>/<name>.*`."""

    study: str
    name: str
    caption: str
    recipe: Recipe

    @property
    def rule(self) -> str:
        """The Snakemake rule that copies it, by which it may be asked for."""
        return f"publish_{self.study}_{self.name}"

    @property
    def folder(self) -> str:
        return "tables" if self.recipe.kind == "table" else "figures"

    @property
    def suffixes(self) -> tuple[str, ...]:
        return ("html", "csv", "tex", "md") if self.recipe.kind == "table" else ("png", "pdf", "csv", "tex")

    def files(self, results: str = "results") -> list[str]:
        """The public files' paths; the one that a report shows comes first."""
        return [f"{results}/{self.folder}/{self.study}/{self.name}.{suffix}" for suffix in self.suffixes]


def record_path(results: Path, publication: Publication) -> Path:
    """The record that says that this publication's files are copies of its artifact."""
    return results / "published" / publication.study / f"{publication.name}--{publication.recipe.digest[:SHORT]}.json"


def remove_stale_records(results: Path, publications: list[Publication]) -> None:
    """Remove the records of planned publications whose public files are missing or no longer what they say."""
    for publication in publications:
        path = record_path(results, publication)
        if path.exists() and not is_current(path, publication.files(str(results))):
            path.unlink(missing_ok=True)


def is_current(record: Path, public: Iterable[str] = ()) -> bool:
    """Whether the record names all `public` files, and every file that it names is there with the content it names."""
    try:
        files = json.loads(record.read_text(encoding="utf-8"))["files"]
        if not files.keys() >= set(public):
            return False
        return all(Path(name).is_file() and sha256_of(Path(name)) == digest for name, digest in files.items())
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
