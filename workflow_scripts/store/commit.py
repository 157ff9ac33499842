"""Atomic commit: a payload is made in a staging folder, hashed, completed by its manifest and renamed into place."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import platform
import re
import shutil
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from workflow_scripts.recipes.recipe import SHORT, Recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError
from workflow_scripts.store.integrity import payload_files, payload_table, with_checksum

_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EINVAL)
TRASH = ".trash"
"""The folder of a store that takes what is moved away; `store trash --empty` deletes it."""
_LONGEST_JOB = 14 * 24 * 3600


def new_staging_folder(root: Path, recipe: Recipe) -> Path:
    """A new empty folder on the store's file system in which to make the payload.

    What killed makers of the same recipe left is removed.
    """
    making = root / ".making"
    for other in making.glob(f"{recipe.digest[:SHORT]}-*"):
        if is_abandoned(other):
            shutil.rmtree(other, ignore_errors=True)
    folder = making / f"{recipe.digest[:SHORT]}-{_host()}-{os.getpid()}-{uuid.uuid4().hex[:6]}"
    with writable(root):
        folder.mkdir(parents=True)
    return folder


def is_abandoned(folder: Path) -> bool:
    """Whether the process that a folder of `.making` is named after is gone.

    Another machine's processes cannot be seen from here: its folders count as abandoned after two weeks.
    """
    _, _, owner = folder.name.partition("-")
    host, _, process = owner.rpartition("-")[0].rpartition("-")
    if host not in ("", _host()) or not process.isdigit():
        try:
            return time.time() - folder.stat().st_mtime > _LONGEST_JOB
        except OSError:
            return False
    try:
        os.kill(int(process), 0)
    except ProcessLookupError:
        return True
    except OSError:
        pass
    return False


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9.]", "_", platform.node()) or "localhost"


@contextmanager
def writable(root: Path) -> Iterator[None]:
    """Turn a store that cannot be written into one clear line."""
    try:
        yield
    except OSError as error:
        raise ArtifactError(
            f"the store {root} cannot be written ({error.strerror}: {error.filename or root}): "
            "free space or correct its permissions, then run snakemake again"
        ) from error


@contextmanager
def recipe_lock(root: Path, recipe: Recipe) -> Iterator[None]:
    """Hold the recipe while making it; a second maker waits here until the first has ended.

    On a file system without locks two processes may make it at once: `commit` then keeps the first to end.
    """
    path = root / ".locks" / f"{recipe.digest[:SHORT]}.lock"
    while True:
        with writable(root):
            path.parent.mkdir(parents=True, exist_ok=True)
            stream = path.open("w")
        with stream:
            _lock(stream, recipe.folder)
            if not _is_still(path, stream):  # garbage collection removed it while we waited
                continue
            yield
            return


def _lock(stream: IO, name: str) -> None:
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        print(f"{name} is being made by another process: waiting", flush=True)
        fcntl.flock(stream, fcntl.LOCK_EX)
    except OSError as error:
        if error.errno not in _NO_LOCKS:
            raise
        print(f"the store's file system has no locks ({error.strerror}): going on without", flush=True)


def _is_still(path: Path, stream: IO) -> bool:
    try:
        return os.path.samestat(path.stat(), os.fstat(stream.fileno()))
    except FileNotFoundError:
        return False


def write_manifest(folder: Path, manifest: dict) -> None:
    """Write the manifest, last of all files, and force everything to the disk."""
    for path in payload_files(folder):
        sync(path)
    text = json.dumps(with_checksum(manifest), indent=1, sort_keys=True)
    with (folder / MANIFEST).open("w") as stream:
        stream.write(text + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    for path in [*(p for p in folder.rglob("*") if p.is_dir()), folder]:
        sync(path)


def commit(folder: Path, root: Path, recipe: Recipe) -> Artifact:
    """Rename a finished staging folder to its final path. What lies there without a manifest goes to the trash first.

    Where another process was first, its artifact is kept and this one dropped, whether or not the payloads are equal
    (timings may be stored in some); a difference is reported.
    """
    target = root / recipe.folder
    for _ in range(10):
        if (target / MANIFEST).exists():
            return _keep_first(Artifact(target), folder)
        with writable(root):
            try:
                if target.exists() and any(target.iterdir()):
                    trashed = move_to_trash(target, root)
                    if (trashed / MANIFEST).exists():  # another machine's maker was faster than the look above
                        _put_back(trashed, target)
                        continue
                target.parent.mkdir(parents=True, exist_ok=True)
                os.rename(folder, target)
            except OSError as error:
                if error.errno not in (errno.ENOTEMPTY, errno.EEXIST, errno.ENOENT) or not folder.exists():
                    raise
                time.sleep(0.1)
                continue
            sync(target.parent)
        return Artifact(target)
    raise ArtifactError(f"could not rename {folder} to {target}: something else keeps writing there")


def move_to_trash(folder: Path, root: Path) -> Path:
    """Move a folder of the store to its trash and return where it is now; nothing is deleted."""
    trashed = root / TRASH / f"{folder.parent.name}-{folder.name}-{uuid.uuid4().hex[:6]}"
    trashed.parent.mkdir(parents=True, exist_ok=True)
    os.rename(folder, trashed)
    return trashed


def _put_back(trashed: Path, target: Path) -> None:
    """Undo `move_to_trash`; where the target exists again by now, that artifact is as good."""
    try:
        os.rename(trashed, target)
    except OSError as error:
        if error.errno not in (errno.ENOTEMPTY, errno.EEXIST):
            raise


def _keep_first(first: Artifact, folder: Path) -> Artifact:
    mine = payload_table(folder)
    if mine != first.manifest["payload"]:
        print(f"{first.path} was made meanwhile, with another content; keeping the first", flush=True)
    shutil.rmtree(folder)
    return first


def sync(path: Path) -> None:
    """Force a file's or a folder's content to the disk."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
