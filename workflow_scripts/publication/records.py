"""Publications, the records of what was published, and the requests to publish.

A record `results/published/<tables|figures>/<study>/<name>.json`, or `results/published/index.json` for the results
page, says whose copies the public files are, with their SHA-256. Where it does not hold for the artifact that a run
wants, the run leaves a request beside it, newer than what was published before, by which Snakemake sees that the files
are to be copied, whatever it remembers.
"""

from __future__ import annotations

import json
import os
import time
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.store.artifact import Artifact, ArtifactError
from workflow_scripts.store.integrity import sha256_of

PAGE = "results_page"
"""The kind of the one publication that belongs to no study: `results/index.html` and the folder `results/page`."""
_SUFFIXES = {"table": ("html", "csv", "tex", "md"), "figure": ("png", "pdf", "csv", "tex"), PAGE: ("html",)}
_COARSE = 2.0
"""Seconds: some file systems count even seconds, so that what is younger may seem as new as a request."""
_LONG_AGO = 1.0
"""A modification time, not 0, which Snakemake takes for none."""


@dataclass(frozen=True)
class Publication:
    """An artifact's public copy: `results/<tables|figures>/<study>/<name>.*`, or the results page, without a study."""

    study: str
    name: str
    caption: str
    recipe: Recipe

    @property
    def is_page(self) -> bool:
        return self.recipe.kind == PAGE

    @property
    def folder(self) -> str:
        """The folder below the results of all publications of the kind; that of the page is the results folder."""
        return "" if self.is_page else f"{self.recipe.kind}s"

    @property
    def stem(self) -> str:
        """The common path of the public files, relative to the results folder and without a suffix."""
        return self.name if self.is_page else f"{self.folder}/{self.study}/{self.name}"

    @property
    def suffixes(self) -> tuple[str, ...]:
        return _SUFFIXES[self.recipe.kind]

    def files(self, results: str = "results") -> list[str]:
        """The public files' paths; the one that a report shows comes first. The page's folder is not among them."""
        return [f"{results}/{self.stem}.{suffix}" for suffix in self.suffixes]


def record_path(results: Path, publication: Publication) -> Path:
    """The record of what was last published under this name."""
    return results / "published" / f"{publication.stem}.json"


def request_path(results: Path, publication: Publication) -> Path:
    """The request to publish under this name."""
    return record_path(results, publication).with_suffix(".request")


def is_current(results: Path, publication: Publication, store: Path) -> bool:
    """Whether every public file is there and has the content of the wanted artifact, as the record says.

    Where the store has the artifact, its manifest counts too: made again, it may have other bytes.
    """
    try:
        record = json.loads(record_path(results, publication).read_text(encoding="utf-8"))
        files = record["files"]
        if record["artifact"] != Path(publication.recipe.folder).name:
            return False
        if not files.keys() >= set(publication.files(str(results))):
            return False
        if not all(Path(name).is_file() and sha256_of(Path(name)) == digest for name, digest in files.items()):
            return False
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return False
    try:
        payload = Artifact(store / publication.recipe.folder).manifest["payload"].values()
        return {facts["sha256"] for facts in payload} <= set(files.values())
    except ArtifactError:
        return True


def request(results: Path, publication: Publication) -> Path:
    """Ask for the public files to be copied: write a request that is newer than one of them at least.

    Snakemake compares it with the oldest output. Where all seem to be of now or of the future, the record, which does
    not hold anyway, is dated back; a request of the future would end the job that copies. Its content never repeats, as
    Snakemake takes a newer file of known content for an unchanged one.
    """
    path = request_path(results, publication)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"{publication.recipe.folder}\n{time.time_ns()}\n", encoding="utf-8")
    outputs = (record_path(results, publication), *map(Path, publication.files(str(results))))
    present = [file for file in outputs if file.exists()]
    if present and min(file.stat().st_mtime for file in present) > path.stat().st_mtime - _COARSE:
        os.utime(present[0], (_LONG_AGO, _LONG_AGO))
    return path
