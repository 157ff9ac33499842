"""`verify`: whether every artifact is undamaged, and what interrupted jobs left behind."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.store.artifact import MANIFEST, Artifact
from workflow_scripts.store.commit import is_abandoned, move_to_trash
from workflow_scripts.store.integrity import damage, file_damage, folders
from workflow_scripts.store.lineage import made_from_other_inputs
from workflow_scripts.store.lookup import folder_of, is_locked, short_digest


@dataclass(frozen=True)
class Damaged:
    """An artifact that cannot be used, and why: one line per problem."""

    path: Path
    problems: tuple[str, ...]


def verify(artifacts: Iterable[Path], store: Path, *, full: bool, threads: int = 0) -> list[Damaged]:
    """Every artifact among the folders that is damaged, or does not go with its inputs beside it.

    Names and sizes are compared, and with `full` every byte.
    """
    shallow = {path: damage(Artifact(path), full=False) for path in artifacts}
    found = {path: problems for path, problems in shallow.items() if problems}
    undamaged = [path for path in shallow if path not in found]
    for path, problem in made_from_other_inputs(undamaged, store).items():
        found[path] = [problem]
    if full:
        for path, problem in _hash([path for path in shallow if path not in found], threads):
            found.setdefault(path, []).append(problem)
    return [Damaged(path, tuple(found[path])) for path in shallow if path in found]


def _hash(artifacts: list[Path], threads: int) -> Iterator[tuple[Path, str]]:
    """(artifact, problem) for each payload file whose content is not what its manifest says."""
    from tqdm import tqdm

    files = [
        (path, name, facts["size"], facts["sha256"])
        for path in artifacts
        for name, facts in Artifact(path).manifest["payload"].items()
    ]
    files.sort(key=lambda file: -file[2])  # the largest first, so that no thread starts a long one last
    total = sum(file[2] for file in files)
    bar = tqdm(total=total, unit="B", unit_scale=True, desc="verify", disable=None, leave=False)
    workers = threads or min(8, os.cpu_count() or 1)
    with bar, ThreadPoolExecutor(workers) as pool:
        jobs = pool.map(lambda f: file_damage(f[1], f[0] / f[1], f[2], f[3], full=True), files)
        for (path, _, size, _), problems in zip(files, jobs, strict=True):
            bar.update(size)
            for problem in problems:
                yield path, problem


def unfinished(store: Path) -> list[Path]:
    """Folders without a manifest that nobody is filling: what a job that was killed, or another program, left."""
    lacking = [path for path in folders(store) if not (path / MANIFEST).exists()]
    return [path for path in lacking if not is_locked(store, short_digest(path.name))]


def abandoned(store: Path) -> list[Path]:
    """Folders of `.making` whose process is gone."""
    making = sorted(path for path in store.glob(".making/*") if path.is_dir())
    return [path for path in making if is_abandoned(path) and not is_locked(store, path.name.split("-")[0])]


def foreign_files(store: Path) -> list[Path]:
    """Files that are not the store's: at its root and among the artifacts of a kind."""
    candidates = [*store.glob("[!.]*"), *store.glob("[!.]*/[!.]*")]
    return sorted(path for path in candidates if not path.is_dir())


def leftovers(store: Path) -> list[str]:
    """What lies in the store and is no artifact, one line each. It is harmless."""
    lines = [f"{folder_of(path)}: no {MANIFEST}: a job that did not end left it" for path in unfinished(store)]
    lines += [f"{path.relative_to(store)}: the process that made it is gone" for path in abandoned(store)]
    return lines + [f"{path.relative_to(store)}: not of this store" for path in foreign_files(store)]


def discard(store: Path, damaged: Iterable[Damaged]) -> list[str]:
    """Move damaged artifacts to `.trash`; one line each that says where it went."""
    return [f"{folder_of(item.path)}: moved to {move_to_trash(item.path, store)}" for item in damaged]
