"""Whether artifacts were made from the inputs that a store has now.

A recipe's digest says what an input is made of, not what its bytes are: a model that was damaged and made again on
another machine may differ in its last bits, and what was made from the first one goes no longer with it.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Iterable
from pathlib import Path

from workflow_scripts.recipes.recipe import from_content
from workflow_scripts.store.artifact import Artifact, ArtifactError

_MARK = ".inputs"
"""A file among a job's checkpoints: what the inputs were that they were computed from."""


def input_folders(manifest: dict) -> list[str]:
    """Where a manifest's inputs lie in a store."""
    return [item.folder for item in from_content(manifest["recipe"], manifest["label"]).inputs]


def other_inputs(manifest: dict, store: Path) -> list[str]:
    """The inputs of which the store has another copy than the one that this manifest's artifact was made from."""
    found = []
    for folder in input_folders(manifest):
        try:
            present = Artifact(store / folder).manifest["payload"]
        except (ArtifactError, KeyError, TypeError):
            continue  # not there, or damaged, which is said of the input itself
        if present != manifest["inputs"].get(Path(folder).name, present):
            found.append(folder)
    return found


def made_from_other_inputs(artifacts: Iterable[Path], store: Path) -> dict[Path, str]:
    """The artifacts that do not go with their inputs in the store, and why; so do artifacts made from these."""
    manifests = {path: Artifact(path).manifest for path in artifacts}
    found: dict[Path, str] = {}
    for path, manifest in manifests.items():
        if others := other_inputs(manifest, store):
            found[path] = f"made from another copy of {others[0]} than is here"
    known = -1
    while known != len(found):
        known = len(found)
        for path, manifest in manifests.items():
            above = [folder for folder in input_folders(manifest) if store / folder in found]
            if above and path not in found:
                found[path] = f"made from {above[0]}, which was {found[store / above[0]]}"
    return found


def drop_stale_checkpoints(scratch: Path, inputs: Iterable[Artifact]) -> None:
    """Drop the checkpoints of an interrupted job whose inputs were other ones, and mark the next with what they are."""
    payloads = {artifact.path.name: artifact.manifest["payload"] for artifact in inputs}
    now = hashlib.sha256(json.dumps(payloads, sort_keys=True).encode()).hexdigest()
    mark = scratch / _MARK
    if mark.exists() and mark.read_text() != now:
        print(f"{scratch}: its checkpoints were computed from other copies of the inputs: beginning anew", flush=True)
        shutil.rmtree(scratch)
    if not mark.exists():
        scratch.mkdir(parents=True, exist_ok=True)
        temporary = mark.with_name(f"{_MARK}.new")
        temporary.write_text(now)
        temporary.replace(mark)
