"""Copy an artifact that was made elsewhere: nothing is committed before every byte was compared with its manifest."""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO

from workflow_scripts.recipes.recipe import Recipe, from_content
from workflow_scripts.store.artifact import MANIFEST, Artifact
from workflow_scripts.store.commit import commit, new_staging_folder, sync, writable
from workflow_scripts.store.integrity import content_damage, damage

_BLOCK = 1 << 20
_BROKEN = (OSError, EOFError)
"""What reading raises on a broken source."""
Opener = Callable[[str], AbstractContextManager[IO[bytes]]]


class InvalidArtifact(ValueError):
    """An artifact from elsewhere that is not what its manifest says; the message is one line."""


@dataclass(frozen=True)
class ForeignManifest:
    """A foreign manifest: its bytes `text`, the recipe, and name → (size, SHA-256) of the payload."""

    text: bytes
    recipe: Recipe
    payload: dict[str, tuple[int, str]]


@dataclass(frozen=True)
class StagedCopy:
    """A checked copy beside the store's artifacts, ready to be renamed into place."""

    outer: Path
    recipe: Recipe

    @property
    def folder(self) -> Path:
        return self.outer / self.recipe.folder

    def commit_to(self, root: Path) -> Artifact:
        """Rename it to its final path, or drop it where another process was first."""
        try:
            return commit(self.folder, root, self.recipe)
        finally:
            self.drop()

    def drop(self) -> None:
        shutil.rmtree(self.outer, ignore_errors=True)


def read_foreign_manifest(text: bytes) -> ForeignManifest:
    """A manifest's content, checked as far as possible without the payload; InvalidArtifact where it is not valid."""
    try:
        manifest = json.loads(text)
        problems = content_damage(manifest)
        recipe = from_content(manifest["recipe"], manifest["label"])
        payload = {name: (int(facts["size"]), str(facts["sha256"])) for name, facts in manifest["payload"].items()}
        if not problems and recipe.digest != manifest["digest"]:
            problems = [f"{MANIFEST}: the recipe does not match the digest"]
    except (KeyError, TypeError, ValueError, AttributeError, RecursionError) as error:
        raise InvalidArtifact(f"{MANIFEST}: not a manifest of a store ({type(error).__name__}: {error})") from error
    problems += [f"{MANIFEST}: {name!r} is no name of a payload file" for name in payload if not stays_inside(name)]
    folders = {str(parent) for name in payload for parent in PurePosixPath(name).parents}
    problems += [f"{MANIFEST}: {name!r} is a file and a folder" for name in folders & payload.keys()]
    if problems:
        raise InvalidArtifact(problems[0])
    return ForeignManifest(text, recipe, payload)


def stays_inside(name: str) -> bool:
    """Whether a payload's name lies below the artifact's folder, in the one way to write it."""
    path = PurePosixPath(name)
    plain = name == path.as_posix() and not path.is_absolute() and ".." not in path.parts
    return plain and name not in (".", MANIFEST) and name.isprintable() and "\\" not in name


def copy_verified(root: Path, foreign: ForeignManifest, opened: Opener) -> StagedCopy:
    """Copy the payload that `opened` gives by name to a folder of the store's own, comparing every byte.

    InvalidArtifact where a file is not what the manifest says, ArtifactError where the store cannot be written; either
    leaves nothing behind. The copy is hashed while it is read, so that a source that changes meanwhile is noticed.
    """
    staged = StagedCopy(new_staging_folder(root, foreign.recipe), foreign.recipe)
    try:
        with writable(root):
            staged.folder.mkdir(parents=True)
        for name, (size, sha256) in foreign.payload.items():
            _copy(root, opened, name, staged.folder / name, size, sha256)
        with writable(root):
            (staged.folder / MANIFEST).write_bytes(foreign.text)
            for path in [staged.folder / MANIFEST, *(p for p in staged.folder.rglob("*") if p.is_dir()), staged.folder]:
                sync(path)
        problems = damage(Artifact(staged.folder), full=False)
        if problems:
            raise InvalidArtifact(problems[0])
    except BaseException:
        staged.drop()
        raise
    return staged


def _copy(root: Path, opened: Opener, name: str, target: Path, size: int, sha256: str) -> None:
    digest, copied = hashlib.sha256(), 0
    with writable(root):
        target.parent.mkdir(parents=True, exist_ok=True)
        with target.open("xb") as stream:
            for block in _blocks(opened, name):
                copied += len(block)
                if copied > size:
                    raise InvalidArtifact(f"{name}: more than the {size} bytes that it should have")
                digest.update(block)
                stream.write(block)
        sync(target)
    if copied != size:
        raise InvalidArtifact(f"{name}: {copied} bytes instead of {size}")
    if digest.hexdigest() != sha256:
        raise InvalidArtifact(f"{name}: its content has changed")


def _blocks(opened: Opener, name: str) -> Iterator[bytes]:
    """A file's content; every error while reading is the source's, never the store's."""
    try:
        with opened(name) as stream:
            while block := stream.read(_BLOCK):
                yield block
    except InvalidArtifact:
        raise
    except _BROKEN as error:
        raise InvalidArtifact(f"{name}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
