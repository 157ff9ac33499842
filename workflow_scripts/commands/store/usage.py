"""`usage`: what the artifacts of each kind took to make, beside what their rules request.

From their manifests, from Snakemake's benchmark files, and from the estimates that rules declare."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from workflow_scripts.planning.resources.estimate import Estimates
from workflow_scripts.planning.resources.machine import Machine, memory_mb
from workflow_scripts.recipes.recipe import from_content
from workflow_scripts.store.integrity import finished
from workflow_scripts.store.lookup import Workspace, human, readable

COLUMNS = {
    "kind": "kind",
    "count": "count",
    "mean_seconds": "mean s",
    "max_seconds": "max s",
    "max_memory_mb": "max MB",
    "asked_memory_mb": "asked MB",
    "max_gpu_memory_mb": "max GPU MB",
    "mean_bytes": "mean size",
    "max_bytes": "max size",
    "jobs": "jobs",
    "job_mean_seconds": "job mean s",
    "job_max_seconds": "job max s",
    "job_max_memory_mb": "job max MB",
}
"""Name in the CSV → head in the table. The last four are of Snakemake's jobs, the others of the artifacts."""
_JOBS = "jobs"


def rows(workspace: Workspace) -> list[dict]:
    """One entry per kind, with `COLUMNS`; None where nothing is known. A damaged manifest is left out."""
    made: dict[str, list[dict]] = {}
    for artifact in finished(workspace.store):
        if readable(artifact):
            made.setdefault(artifact.path.parent.name, []).append(artifact.manifest)
    asked = _asked([manifest for manifests in made.values() for manifest in manifests])
    jobs = benchmarks(workspace.results / "benchmarks")
    return [
        _row(kind, made.get(kind, []), asked.get(kind, []), jobs.get(kind, []))
        for kind in sorted(made.keys() | jobs.keys())
    ]


def _asked(manifests: list[dict]) -> dict[str, list[int]]:
    """Kind → MB that its jobs ask for, as rules estimate them; without those whose inputs the store does not have."""
    recipes = {made.folder: made for made in (from_content(m["recipe"], m["label"]) for m in manifests)}
    estimates = Estimates(lambda item: recipes[item.folder])
    found: dict[str, list[int]] = {}
    for manifest, recipe in zip(manifests, recipes.values(), strict=True):
        machine = Machine(manifest.get("run", {}).get("device") == "cuda", 1)
        with suppress(LookupError, TypeError):  # an input that is not here, or a recipe of an earlier form
            found.setdefault(recipe.kind, []).append(memory_mb(estimates.cost(recipe), machine))
    return found


def _row(kind: str, manifests: list[dict], asked: list[int], jobs: list[dict]) -> dict:
    runs = [manifest.get("run", {}) for manifest in manifests]
    sizes = [sum(facts["size"] for facts in manifest["payload"].values()) for manifest in manifests]
    seconds, job_seconds = _numbers(runs, "seconds"), _numbers(jobs, "s")
    return {
        "kind": kind,
        "count": len(manifests),
        "mean_seconds": _mean(seconds),
        "max_seconds": max(seconds, default=None),
        "max_memory_mb": max(_numbers(runs, "peak_memory_mb"), default=None),
        "asked_memory_mb": max(asked, default=None),
        "max_gpu_memory_mb": max(_numbers(runs, "peak_gpu_memory_mb"), default=None),
        "mean_bytes": _mean(sizes),
        "max_bytes": max(sizes, default=None),
        "jobs": len(jobs),
        "job_mean_seconds": _mean(job_seconds),
        "job_max_seconds": max(job_seconds, default=None),
        "job_max_memory_mb": max(_numbers(jobs, "max_rss"), default=None),
    }


def benchmarks(folder: Path) -> dict[str, list[dict]]:
    """Kind → the lines of its benchmark files; unreadable files are left out."""
    found: dict[str, list[dict]] = {}
    for path in sorted(folder.glob("*/*.tsv")):
        try:
            lines = list(csv.DictReader(path.read_text(encoding="utf-8").splitlines(), delimiter="\t"))
        except (OSError, ValueError, csv.Error):
            continue
        found.setdefault(path.parent.name, []).extend(line for line in lines if _numbers([line], "s"))
    return {kind: lines for kind, lines in found.items() if lines}


def _numbers(entries: Iterable[dict], key: str) -> list[float]:
    """The entries' finite numbers; Snakemake writes `NA` where a job was too short to be measured."""
    found = []
    for entry in entries:
        try:
            value = float(entry.get(key))
        except (TypeError, ValueError):
            continue
        if abs(value) < float("inf"):
            found.append(value)
    return found


def _mean(values: list[float]) -> float | None:
    return sum(values) / len(values) if values else None


def table(entries: list[dict]) -> str:
    """Aligned columns; those of Snakemake's jobs only where there are any."""
    columns = list(COLUMNS)
    if not any(entry[_JOBS] for entry in entries):
        columns = columns[: columns.index(_JOBS)]
    lines = [[COLUMNS[column] for column in columns]]
    lines += [[_text(column, entry[column]) for column in columns] for entry in entries]
    widths = [max(len(line[i]) for line in lines) for i in range(len(columns))]
    return "\n".join(
        "  ".join(c.rjust(w) if i else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True))).rstrip()
        for line in lines
    )


def _text(column: str, value: object) -> str:
    if value is None:
        return "-"
    if column.endswith("seconds"):
        return f"{value:.1f}"
    if column.endswith("bytes"):
        return human(value)
    return f"{value:.0f}" if isinstance(value, float) else str(value)


def as_csv(entries: list[dict]) -> str:
    """The same with plain numbers: seconds, MB (2^20 bytes) of memory, bytes of payload."""
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(COLUMNS), lineterminator="\n")
    writer.writeheader()
    for entry in entries:
        writer.writerow({key: round(value, 3) if isinstance(value, float) else value for key, value in entry.items()})
    return stream.getvalue().rstrip("\n")
