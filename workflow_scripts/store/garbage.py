"""`gc`: remove what no configuration needs any more; nothing goes without `--yes`."""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.recipes.recipe import SHORT, Recipe, RecipeError, read_recipe
from workflow_scripts.store.artifact import MANIFEST
from workflow_scripts.store.commit import move_to_trash
from workflow_scripts.store.integrity import finished
from workflow_scripts.store.lookup import StoreError, Workspace, folder_of, is_locked, short_digest, size_of
from workflow_scripts.store.verification import abandoned, unfinished

_UNITS = {"": 1, "s": 1, "m": 60, "h": 3600, "d": 24 * 3600}


@dataclass(frozen=True)
class Garbage:
    """Something that can go: where it is, what a person calls it, why it can go, and its size in bytes."""

    path: Path
    name: str
    reason: str
    bytes: int


def duration(text: str) -> float:
    """Seconds of `90`, `30m`, `1h` or `2d`; ValueError for anything else."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([smhd]?)", text)
    if found is None:
        raise ValueError(f"{text!r} is no duration (write 0, 30m, 1h or 2d)")
    return float(found[1]) * _UNITS[found[2]]


def garbage(workspace: Workspace, needed: dict[str, Recipe], grace: float, *, recipes: bool = False) -> list[Garbage]:
    """What can go: artifacts that nothing needs, and what interrupted jobs and `verify --discard` left.

    `needed` holds every recipe of the current configurations. The inputs of an artifact that is being made just now
    stay too, whatever made it; so does what is younger than `grace` seconds.
    """
    kept = needed.keys() | inputs_in_use(workspace)
    found = []
    for artifact in finished(workspace.store):
        path = artifact.path
        if folder_of(path) not in kept and _age(path / MANIFEST) >= grace:
            found.append(Garbage(path, folder_of(path), "no configuration needs it", size_of(path)))
    for path in unfinished(workspace.store):
        if _age(path) >= grace:
            found.append(Garbage(path, folder_of(path), "a job that did not end left it", size_of(path)))
    for path in abandoned(workspace.store):
        found.append(Garbage(path, f".making/{path.name}", "the process that made it is gone", size_of(path)))
    for path in sorted(workspace.store.glob(".trash/*")):
        if _age(path) >= grace:
            found.append(Garbage(path, f".trash/{path.name}", "moved away earlier", size_of(path)))
    found += _checkpoints(workspace, needed, grace)
    return found + (_recipes(workspace, kept, grace) if recipes else [])


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


def _checkpoints(workspace: Workspace, needed: dict[str, Recipe], grace: float) -> Iterator[Garbage]:
    """Checkpoints of artifacts that are finished, or that nothing needs."""
    waiting = {recipe.digest[:SHORT] for folder, recipe in needed.items() if not _is_made(workspace, folder)}
    for path in sorted(workspace.scratch.glob("*")):
        used = path.name in waiting or is_locked(workspace.store, path.name)
        if re.fullmatch(r"[0-9a-f]{12}", path.name) and not used and _youngest(path) >= grace:
            yield Garbage(path, str(path), "a checkpoint that nothing will continue", size_of(path))


def _recipes(workspace: Workspace, kept: Iterable[str], grace: float) -> list[Garbage]:
    """Recipe files of artifacts that nothing needs."""
    kept = set(kept)
    return [
        Garbage(path, str(path), "no configuration needs it", size_of(path))
        for path in sorted(workspace.recipes.glob("*/[!.]*.json"))
        if short_digest(path.name) and folder_of(path.with_suffix("")) not in kept and _age(path) >= grace
    ]


def remove(workspace: Workspace, item: Garbage) -> None:
    """Remove one thing. An artifact is renamed away first: a half-deleted one is never taken for a whole one."""
    path = item.path
    try:
        if path.is_dir() and workspace.store in path.parents and not path.parent.name.startswith("."):
            path = move_to_trash(path, workspace.store)
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()
    except FileNotFoundError:
        return
    except OSError as error:
        raise StoreError(f"{path} cannot be removed ({error.strerror}): correct its permissions") from error


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
