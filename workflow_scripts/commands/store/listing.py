"""`list` and `show`: what the store holds, and what one artifact is."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact, remedy
from workflow_scripts.store.integrity import finished
from workflow_scripts.store.lookup import StoreError, folder_of, human, readable, size_of

_WIDEST = 100
_WORD = re.compile(r"[a-z0-9_]+")


def rows(
    store: Path, current: dict[str, Recipe] | None, kind: str | None = None, names: Sequence[str] = ()
) -> list[dict]:
    """One entry per finished artifact; `current` is None where the configuration could not be planned.

    names: models and attacks that the label or the title has to name.

    Of an artifact whose manifest is damaged only the name, the size and `damaged` are known.
    """
    found = []
    for artifact in finished(store):
        if kind not in (None, artifact.path.parent.name):
            continue
        folder, intact = folder_of(artifact.path), readable(artifact)
        label, _, digest = artifact.path.name.rpartition("--")
        row = {
            "kind": artifact.path.parent.name,
            "label": label,
            "digest": digest,
            "bytes": size_of(artifact.path),
            "made": None,
            "seconds": None,
            "current": None if current is None else folder in current,
            "damaged": not intact,
            "title": artifact.manifest.get("title", "") if intact else "",
        }
        if current is not None and folder in current:
            row["title"] = current[folder].title
        if not set(names) <= set(_WORD.findall(f"{label} {row['title']}")):
            continue
        if not row["damaged"]:
            run = artifact.manifest.get("run", {})
            row |= {"digest": artifact.digest, "made": run.get("started"), "seconds": run.get("seconds")}
        found.append(row)
    return found


def table(entries: list[dict]) -> str:
    """The entries as aligned columns, and a line that sums them up."""
    head = ("kind", "label", "digest", "size", "made", "seconds", "current", "what")
    lines = [head]
    for row in entries:
        current = "damaged" if row["damaged"] else {True: "yes", False: "no", None: "?"}[row["current"]]
        seconds = "" if row["seconds"] is None else f"{row['seconds']:.1f}"
        name = (row["kind"], row["label"], row["digest"][:12])
        lines.append((*name, human(row["bytes"]), local_time(row["made"]), seconds, current, row["title"]))
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    right = {3, 5}
    text = [
        "  ".join(c.rjust(w) if i in right else c.ljust(w) for i, (c, w) in enumerate(zip(line, widths, strict=True)))
        for line in lines
    ]
    total = human(sum(row["bytes"] for row in entries))
    noun = "artifact" if len(entries) == 1 else "artifacts"
    return "\n".join(line.rstrip() for line in [*text, f"{len(entries)} {noun}, {total}"])


def local_time(text: str | None) -> str:
    """A manifest's time in the reader's time zone, to the minute."""
    try:
        return datetime.fromisoformat(text).astimezone().strftime("%Y-%m-%d %H:%M")
    except (TypeError, ValueError):
        return ""


def show(path: Path) -> str:
    """One artifact in readable form: its recipe, inputs, metrics, payload and how it was made."""
    artifact = checked(path)
    manifest, recipe = artifact.manifest, artifact.recipe
    lines = [f"{folder_of(path)}", f"  folder: {path}", f"  digest: {manifest['digest']}", "parameters:"]
    lines += outline(recipe["parameters"])
    lines.append("inputs:" if recipe["inputs"] else "inputs: none")
    for item in recipe["inputs"]:
        role = ", ".join(f"{key}={value}" for key, value in item["role"].items())
        lines.append(f"  {item['kind']}/{item['label']}--{item['digest'][:12]}  ({role})")
    lines.append("metrics:" if manifest["metrics"] else "metrics: none")
    lines += outline(manifest["metrics"])
    lines.append("payload:")
    for name, facts in manifest["payload"].items():
        lines.append(f"  {name}  {human(facts['size'])}  sha256 {facts['sha256'][:12]}…")
    lines.append("run:")
    lines += outline(manifest.get("run", {}))
    lines.append(f"code ({len(recipe['modules'])} modules, numerics_epoch {recipe['numerics_epoch']}):")
    lines += outline(recipe["modules"])
    return "\n".join(lines)


def show_json(path: Path) -> str:
    """The whole manifest."""
    return json.dumps(checked(path).manifest, indent=1, sort_keys=True)


def checked(path: Path) -> Artifact:
    """The artifact of a folder, whose manifest can be trusted; StoreError otherwise."""
    artifact = Artifact(path)
    if not (path / MANIFEST).exists():
        raise StoreError(f"{path} is not a finished artifact (no {MANIFEST}): snakemake makes it")
    if not readable(artifact):
        raise StoreError(f"{path / MANIFEST} is damaged: {remedy(path)}")
    return artifact


def outline(values: dict, depth: int = 1) -> list[str]:
    """Nested values as indented `key: value` lines; long ones are cut."""
    lines = []
    for key, value in values.items():
        if isinstance(value, dict) and value:
            lines += [f"{'  ' * depth}{key}:", *outline(value, depth + 1)]
        else:
            text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
            cut = text if len(text) <= _WIDEST else f"{text[:_WIDEST]}… ({len(text)} characters)"
            lines.append(f"{'  ' * depth}{key}: {cut}")
    return lines
