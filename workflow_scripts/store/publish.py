"""Atomic publication: a payload is made aside, hashed, sealed by its manifest and renamed into place."""

from __future__ import annotations

import fcntl
import json
import os
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from workflow_scripts.recipe import SHORT, Recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact
from workflow_scripts.store.integrity import payload_files, payload_table


def aside(root: Path, recipe: Recipe) -> Path:
    """A new empty folder on the store's file system in which to make the payload."""
    folder = root / ".making" / f"{recipe.digest[:SHORT]}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    folder.mkdir(parents=True)
    return folder


@contextmanager
def claim(root: Path, recipe: Recipe) -> Iterator[None]:
    """Hold the recipe while making it; a second maker on this machine waits here until the first has ended."""
    path = root / ".claims" / f"{recipe.digest[:SHORT]}.lock"
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w") as stream:
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            print(f"{recipe.folder} is being made by another process: waiting", flush=True)
            fcntl.flock(stream, fcntl.LOCK_EX)
        yield


def seal(folder: Path, manifest: dict) -> None:
    """Write the manifest, last of all files, and force everything to the disk."""
    for path in payload_files(folder):
        _sync(path)
    target = folder / MANIFEST
    with target.open("w") as stream:
        json.dump(manifest, stream, indent=1, sort_keys=True)
        stream.write("\n")
        stream.flush()
        os.fsync(stream.fileno())
    _sync(folder)


def place(folder: Path, root: Path, recipe: Recipe) -> Artifact:
    """Rename a sealed folder to its place. What lies there without a manifest is moved aside first.

    Where another process was first, its artifact is kept and this one dropped, whether or not the payloads are equal
    (timings may be stored in some); a difference is reported.
    """
    target = root / recipe.folder
    for _ in range(10):
        if (target / MANIFEST).exists():
            return _yield_to(Artifact(target), folder)
        if target.exists() and any(target.iterdir()):
            debris = root / ".debris" / f"{target.name}-{uuid.uuid4().hex[:6]}"
            debris.parent.mkdir(parents=True, exist_ok=True)
            os.rename(target, debris)
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            os.rename(folder, target)
        except OSError:
            time.sleep(0.1)
            continue
        _sync(target.parent)
        return Artifact(target)
    raise OSError(f"could not rename {folder} to {target}")


def _yield_to(first: Artifact, folder: Path) -> Artifact:
    mine = payload_table(folder)
    if mine != first.manifest["payload"]:
        print(f"{first.path} was made meanwhile, with another content; keeping the first", flush=True)
    shutil.rmtree(folder)
    return first


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
