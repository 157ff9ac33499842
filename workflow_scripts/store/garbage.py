"""`gc`: move what no plan needs any more to the trash; nothing goes without `--yes`."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
import uuid
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.recipes.recipe import RecipeError, read_recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError
from workflow_scripts.store.commit import TRASH, move_to_trash
from workflow_scripts.store.integrity import finished
from workflow_scripts.store.lookup import StoreError, Workspace, folder_of, is_locked, short_digest, size_of
from workflow_scripts.store.verification import abandoned, unfinished

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


@dataclass(frozen=True)
class Garbage:
    """Something that can go: where it is, its name, why it can go, its size, and the seconds that it took to make."""

    path: Path
    name: str
    reason: str
    bytes: int
    seconds: float = 0.0


def duration(text: str) -> float:
    """Seconds of `90`, `30m`, `1h` or `2d`; ValueError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text)
    if found is None:
        raise ValueError(f"{text!r} is no duration (write 0, 30m, 1h or 2d)")
    return float(found[1]) * _UNITS[found[2]]


def garbage(workspace: Workspace, needed: Collection[str], grace: float, *, recipes: bool = False) -> list[Garbage]:
    """What can go: artifacts that no plan needs, and what interrupted jobs left.

    `needed` holds the folder of every artifact that a remembered plan or a given configuration needs. The inputs of an
    artifact that is being made now stay too; so does what is younger than `grace` seconds.
    """
    kept = set(needed) | inputs_in_use(workspace)
    found = []
    for artifact in finished(workspace.store):
        path = artifact.path
        if folder_of(path) not in kept and _age(path / MANIFEST) >= grace:
            found.append(Garbage(path, folder_of(path), "no plan needs it", size_of(path), _seconds(artifact)))
    for path in unfinished(workspace.store):
        if _age(path) >= grace:
            found.append(Garbage(path, folder_of(path), "a job that did not end left it", size_of(path)))
    for path in abandoned(workspace.store):
        found.append(Garbage(path, f".making/{path.name}", "the process that made it is gone", size_of(path)))
    found += _checkpoints(workspace, needed, grace)
    return found + (_recipes(workspace, kept, grace) if recipes else [])


def _seconds(artifact: Artifact) -> float:
    """What making it took, as its manifest says; 0 where it does not say."""
    try:
        return max(0.0, float(artifact.manifest["run"]["seconds"]))
    except (ArtifactError, KeyError, TypeError, ValueError):
        return 0.0


def inputs_in_use(workspace: Workspace) -> set[str]:
    """Folders of the inputs of every artifact that a process is making now, and of that artifact itself."""
    found = set()
    for lock in workspace.store.glob(".locks/*.lock"):
        if not is_locked(workspace.store, lock.stem):
            continue
        for path in workspace.recipes.glob(f"*/*--{lock.stem}.json"):
            try:
                recipe = read_recipe(path)
            except RecipeError:
                continue
            found |= {recipe.folder, *(item.folder for item in recipe.inputs)}
    return found


def _checkpoints(workspace: Workspace, needed: Collection[str], grace: float) -> Iterator[Garbage]:
    """Checkpoints of artifacts that are finished, or that nothing needs."""
    waiting = {short_digest(Path(folder).name) for folder in needed if not _is_made(workspace, folder)}
    for path in sorted(workspace.scratch.glob("*")):
        used = path.name in waiting or is_locked(workspace.store, path.name)
        if re.fullmatch(r"[0-9a-f]{12}", path.name) and not used and _youngest(path) >= grace:
            yield Garbage(path, str(path), "a checkpoint that nothing will continue", size_of(path))


def _recipes(workspace: Workspace, kept: Collection[str], grace: float) -> list[Garbage]:
    """Recipe files of artifacts that nothing needs."""
    return [
        Garbage(path, str(path), "no plan needs it", size_of(path))
        for path in sorted(workspace.recipes.glob("*/[!.]*.json"))
        if short_digest(path.name) and folder_of(path.with_suffix("")) not in kept and _age(path) >= grace
    ]


def remove(workspace: Workspace, item: Garbage) -> None:
    """Move one thing to the store's trash, from which nothing is deleted before `empty_trash`."""
    try:
        if workspace.store in item.path.parents:
            move_to_trash(item.path, workspace.store)
            return
        target = workspace.store / TRASH / f"{item.path.parent.name}-{item.path.name}-{uuid.uuid4().hex[:6]}"
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(item.path, target)  # what is no part of the store may lie on another file system
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{item.path} cannot be moved ({error.strerror}): correct its permissions") from error


def trash(store: Path) -> list[Garbage]:
    """What lies in the store's trash."""
    paths = sorted((store / TRASH).glob("*"))
    return [Garbage(path, f"{TRASH}/{path.name}", "", size_of(path), _seconds(Artifact(path))) for path in paths]


def empty_trash(store: Path) -> None:
    """Delete what lies in the trash, for good."""
    for item in trash(store):
        try:
            if item.path.is_dir():
                shutil.rmtree(item.path)
            else:
                item.path.unlink(missing_ok=True)
        except OSError as error:
            raise StoreError(f"{item.path} cannot be deleted ({error.strerror}): correct its permissions") from error


def remove_unused_locks(store: Path) -> None:
    """Remove the lock files that nobody holds; `recipe_lock` notices where it had just opened one."""
    for path in store.glob(".locks/*.lock"):
        try:
            with path.open() as stream:
                fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
                path.unlink()
        except OSError:
            continue


def _is_made(workspace: Workspace, folder: str) -> bool:
    return (workspace.store / folder / MANIFEST).exists()


def _age(path: Path) -> float:
    """Seconds since something was written or moved here; 0 for what is gone meanwhile."""
    try:
        state = os.stat(path, follow_symlinks=False)
    except OSError:
        return 0.0
    return time.time() - max(state.st_mtime, state.st_ctime)


def _youngest(path: Path) -> float:
    return min((_age(file) for file in path.rglob("*")), default=_age(path))
