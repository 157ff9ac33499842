"""Where artifacts were made: the machine, and the store that a copy was adopted from.

Equal recipes do not make equal bytes on every machine. A manifest says which machine made an artifact and is copied
unchanged; what the copying store adds is a note beside its artifacts, `.adopted/<kind>/<label>--<digest>.json`.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from workflow_scripts.recipes.recipe import SHORT
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError

_NOTES = ".adopted"


def note_adoption(store: Path, folder: str, upstream: Path) -> None:
    """Record that the artifact of a folder was copied from an upstream store."""
    path = store / _NOTES / f"{folder}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    note = {"from": str(upstream), "adopted": datetime.now(UTC).isoformat(timespec="seconds")}
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(json.dumps(note))
    os.replace(temporary, path)


def adopted_from(store: Path, folder: str) -> str | None:
    """The store that an artifact was adopted from; None where it was made in this one."""
    with suppress(OSError, ValueError, KeyError, TypeError):
        return str(json.loads((store / _NOTES / f"{folder}.json").read_text())["from"])
    return None


def machine_of(run: dict) -> str:
    """A manifest's machine in one line: host, processor or GPU, instruction sets as torch used them, threads."""
    processor = run.get("processor") or {}
    parts = [run.get("host") or "an unknown host", run.get("gpu") or processor.get("model")]
    if processor and not run.get("gpu"):
        parts.append(processor.get("torch") or "/".join(processor.get("instruction_sets", [])))
        threads = processor.get("threads")
        parts += [f"{threads} thread{'s' * (threads != 1)}"] if threads else []
        parts += [f"{name}={value}" for name, value in processor.get("variables", {}).items()]
    return ", ".join(str(part) for part in parts if part)


def made_where(manifest: dict) -> str:
    """When and where an artifact was made, in one line."""
    run = manifest.get("run", {})
    return f"{str(run.get('started', 'at an unknown time'))[:16]} on {machine_of(run)}"


def compared_with(mine: Artifact, stores: Iterable[Path]) -> Iterator[str]:
    """One line per other copy of an artifact's recipe whose payload is not the same: what differs and where both were
    made. Copies whose manifest cannot be read are skipped; their own store's `verify` reports them.
    """
    folder = f"{mine.path.parent.name}/{mine.path.name}"
    for store in stores:
        other = Artifact(store / folder)
        try:
            if other.path.resolve() == mine.path.resolve() or not (other.path / MANIFEST).exists():
                continue
            theirs, ours = other.manifest["payload"], mine.manifest["payload"]
            if other.digest != mine.digest or theirs == ours:
                continue
        except (ArtifactError, KeyError, TypeError):
            continue
        differing = [name for name in sorted(theirs.keys() | ours.keys()) if theirs.get(name) != ours.get(name)]
        more = f" and {len(differing) - 3} more" * (len(differing) > 3)
        yield (
            f"{folder}: another copy of the same recipe in {store} differs in {', '.join(differing[:3])}{more}: "
            f"made {made_where(mine.manifest)}; there {made_where(other.manifest)}"
        )


def origins(artifact: Artifact) -> list[dict]:
    """The machines that made an artifact and all that it was made from, as far as its store still has those.

    One entry per machine and upstream: `host`, `processor`, `device`, `gpu`, `adopted_from` (None: made in this store)
    and the `artifacts` made there.
    """
    store = artifact.path.parents[1]
    found: dict[str, dict] = {}
    seen: set[str] = set()
    waiting = [f"{artifact.path.parent.name}/{artifact.path.name}"]
    while waiting:
        folder = waiting.pop()
        if folder in seen:
            continue
        seen.add(folder)
        try:
            manifest = Artifact(store / folder).manifest
        except ArtifactError:
            continue
        run = manifest.get("run", {})
        entry = {key: run.get(key) for key in ("host", "processor", "device", "gpu")}
        entry["adopted_from"] = adopted_from(store, folder)
        key = json.dumps(entry, sort_keys=True)
        found.setdefault(key, {**entry, "artifacts": []})["artifacts"].append(folder)
        waiting += [f"{i['kind']}/{i['label']}--{i['digest'][:SHORT]}" for i in manifest["recipe"]["inputs"]]
    for entry in found.values():
        entry["artifacts"].sort()
    return sorted(found.values(), key=lambda entry: entry["artifacts"])
