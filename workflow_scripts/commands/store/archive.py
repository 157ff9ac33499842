"""`pack` and `unpack`: artifacts as one file, checked whole before any is placed. Equal artifacts give equal bytes.

The archive is a zip whose members are stored uncompressed: `contents.json` says which artifacts it holds, `store/` has
their files, and `recipes/` the recipes of what they were made from.
"""

from __future__ import annotations

import hashlib
import json
import os
import struct
import zipfile
from collections.abc import Iterable
from pathlib import Path

from workflow_scripts.recipes.recipe import Recipe, RecipeError, digest_of, from_content, read_recipe, write_recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError
from workflow_scripts.store.commit import writable
from workflow_scripts.store.integrity import damage, full_remedy, payload_files
from workflow_scripts.store.lookup import StoreError, Workspace, folder_of, recipe_of
from workflow_scripts.store.verified_copy import InvalidArtifact, StagedCopy, copy_verified, read_foreign_manifest

CONTENTS = "contents.json"
_FIXED_DATE = (1980, 1, 1, 0, 0, 0)
_REGULAR = 0o100644
_BLOCK = 1 << 20
_BROKEN = (ValueError, zipfile.BadZipFile, EOFError, struct.error, OverflowError, RuntimeError)
"""What reading a broken zip ends in; Unfit and RecipeError are ValueErrors."""
_LARGEST_TEXT = 64 << 20
"""Bytes: no manifest or recipe comes near, and more must not be read into memory on a stranger's word."""


def with_inputs(place: Workspace, folders: Iterable[Path]) -> list[Path]:
    """The artifacts and all that they were made from; StoreError where the store no longer has one of those."""
    found: dict[str, Path] = {}
    waiting = list(folders)
    while waiting:
        path = waiting.pop()
        if folder_of(path) in found:
            continue
        found[folder_of(path)] = path
        for item in recipe_of(Artifact(path)).inputs:
            source = place.store / item.folder
            if not (source / MANIFEST).exists():
                raise StoreError(f"{item.folder}, from which {folder_of(path)} was made, is not in {place.store}")
            waiting.append(source)
    return list(found.values())


def pack(place: Workspace, folders: Iterable[Path], archive: Path) -> int:
    """Write the archive, complete or not at all; every byte is checked on the way. Returns the number of artifacts."""
    if archive.exists():
        raise StoreError(f"{archive} is there already: remove it, or give another name")
    chosen = {folder_of(path): Artifact(path) for path in sorted(folders, key=folder_of)}
    for artifact in chosen.values():
        _refuse(artifact, damage(artifact, full=False))
    recipes = _ancestors(place, chosen)
    contents = {"format": 1, "artifacts": list(chosen), "recipes": list(recipes)}
    archive.parent.mkdir(parents=True, exist_ok=True)
    temporary = archive.with_name(f".{archive.name}.{os.getpid()}")
    try:
        with zipfile.ZipFile(temporary, "w", zipfile.ZIP_STORED) as stream:
            _write_text(stream, CONTENTS, contents)
            for folder, artifact in chosen.items():
                _write_artifact(stream, folder, artifact)
            for folder, recipe in recipes.items():
                content = {"label": recipe.label, "digest": recipe.digest, "recipe": recipe.content}
                _write_text(stream, f"recipes/{folder}.json", content)
        os.replace(temporary, archive)
    except OSError as error:
        raise StoreError(
            f"{archive} cannot be written ({error.strerror or error}): free space, or name another"
        ) from None
    finally:
        temporary.unlink(missing_ok=True)
    return len(chosen)


def _ancestors(place: Workspace, chosen: dict[str, Artifact]) -> dict[str, Recipe]:
    """Recipes of what the artifacts were made from, as far as they are known here, by the artifact's folder."""
    found: dict[str, Recipe] = {}
    waiting = [recipe_of(artifact) for artifact in chosen.values()]
    while waiting:
        for item in waiting.pop().inputs:
            if item.folder in found or item.folder in chosen:
                continue
            try:
                recipe = read_recipe(place.recipes / f"{item.folder}.json")
            except RecipeError:
                continue
            found[item.folder] = recipe
            waiting.append(recipe)
    return dict(sorted(found.items()))


def _refuse(artifact: Artifact, problems: list[str]) -> None:
    if problems:
        raise ArtifactError(f"{artifact.path} is damaged ({'; '.join(problems[:3])}): {full_remedy(artifact.path)}")


def _entry(name: str, size: int) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _FIXED_DATE)
    entry.create_system, entry.external_attr, entry.file_size = 3, _REGULAR << 16, size
    return entry


def _write_text(stream: zipfile.ZipFile, name: str, content: dict) -> None:
    text = (json.dumps(content, indent=1, sort_keys=True) + "\n").encode()
    stream.writestr(_entry(name, len(text)), text)


def _write_artifact(stream: zipfile.ZipFile, folder: str, artifact: Artifact) -> None:
    text = (artifact.path / MANIFEST).read_bytes()
    stream.writestr(_entry(f"store/{folder}/{MANIFEST}", len(text)), text)
    for path in payload_files(artifact.path):
        name = path.relative_to(artifact.path).as_posix()
        facts, digest = artifact.manifest["payload"][name], hashlib.sha256()
        with path.open("rb") as source, stream.open(_entry(f"store/{folder}/{name}", facts["size"]), "w") as target:
            while block := source.read(_BLOCK):
                digest.update(block)
                target.write(block)
        if digest.hexdigest() != facts["sha256"]:
            _refuse(artifact, [f"{name}: its content has changed"])


def unpack(place: Workspace, archive: Path) -> list[str]:
    """Place an archive's artifacts and recipes; a line each. StoreError, and nothing placed, where a byte is wrong."""
    staged: list[StagedCopy] = []
    try:
        with zipfile.ZipFile(archive) as stream:
            members = _members(stream)
            contents = _contents(stream, members)
            there = []
            for folder in contents["artifacts"]:
                mine = _take(place, stream, members, folder)
                (staged if isinstance(mine, StagedCopy) else there).append(mine)
            recipes = [_recipe(stream, members, folder) for folder in contents["recipes"]]
        if members:
            raise InvalidArtifact(f"{min(members)}: no part of an archive")
        for each in staged:
            each.place(place.store)
        with writable(place.results):
            for recipe in recipes:
                write_recipe(recipe, place.recipes)
    except FileNotFoundError:
        raise StoreError(f"{archive}: there is no such archive") from None
    except ArtifactError:
        raise
    except _BROKEN as error:
        reason = " ".join(str(error).split())
        raise StoreError(
            f"{archive} is damaged or no archive of a store ({reason}): nothing was taken; get the archive again"
        ) from None
    finally:
        for each in staged:
            each.drop()
    return sorted([*there, *(f"{each.recipe.folder}: placed" for each in staged)])


def _members(stream: zipfile.ZipFile) -> dict[str, zipfile.ZipInfo]:
    """The archive's members by name; Unfit where one is not as `pack` writes it."""
    found: dict[str, zipfile.ZipInfo] = {}
    for entry in stream.infolist():
        if entry.filename in found:
            raise InvalidArtifact(f"{entry.filename}: is there twice")
        if entry.external_attr >> 16 != _REGULAR or entry.compress_type != zipfile.ZIP_STORED or entry.flag_bits & 1:
            raise InvalidArtifact(f"{entry.filename}: no plain file")
        found[entry.filename] = entry
    return found


def _text(stream: zipfile.ZipFile, members: dict, name: str) -> bytes:
    """A small member's bytes, taken off the list of those that have to be accounted for."""
    entry = members.pop(name, None)
    if entry is None:
        raise InvalidArtifact(f"{name}: missing")
    if entry.file_size > _LARGEST_TEXT:
        raise InvalidArtifact(f"{name}: too large")
    return stream.read(entry)


def _contents(stream: zipfile.ZipFile, members: dict) -> dict[str, list[str]]:
    try:
        content = json.loads(_text(stream, members, CONTENTS))
        if content["format"] != 1:
            raise InvalidArtifact(f"{CONTENTS}: format {content['format']}, and this version reads 1")
        return {key: [str(folder) for folder in content[key]] for key in ("artifacts", "recipes")}
    except (KeyError, TypeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidArtifact(f"{CONTENTS}: not readable ({error})") from error


def _take(place: Workspace, stream: zipfile.ZipFile, members: dict, folder: str) -> StagedCopy | str:
    """One artifact, checked and staged; or, where the store has it, a line that says how the two compare."""
    promise = read_foreign_manifest(_text(stream, members, f"store/{folder}/{MANIFEST}"))
    if promise.recipe.folder != folder:
        raise InvalidArtifact(f"{folder}: its manifest is that of {promise.recipe.folder}")
    entries = {}
    for name in promise.payload:
        if f"store/{folder}/{name}" not in members:
            raise InvalidArtifact(f"store/{folder}/{name}: missing")
        entries[name] = members.pop(f"store/{folder}/{name}")
    try:
        staged = copy_verified(place.store, promise, lambda name: stream.open(entries[name]))
    except InvalidArtifact as error:
        raise InvalidArtifact(f"{folder}: {error}") from error
    mine = Artifact(place.store / folder)
    if not (mine.path / MANIFEST).exists():
        return staged
    staged.drop()
    problems = damage(mine, full=True)
    if problems:
        return f"{folder}: is here already, damaged ({problems[0]}), and left alone: {full_remedy(mine.path)}"
    same = {name: (f["size"], f["sha256"]) for name, f in mine.manifest["payload"].items()} == promise.payload
    return f"{folder}: is here already, {'the same' if same else 'with another content'}, and left alone"


def _recipe(stream: zipfile.ZipFile, members: dict, folder: str) -> Recipe:
    """A recipe whose digest is right; Unfit otherwise."""
    name = f"recipes/{folder}.json"
    try:
        document = json.loads(_text(stream, members, name))
        recipe = from_content(document["recipe"], document["label"])
        right = recipe.digest == digest_of(document["recipe"]) == document["digest"] and recipe.folder == folder
    except (KeyError, TypeError, AttributeError, json.JSONDecodeError, UnicodeDecodeError) as error:
        raise InvalidArtifact(f"{name}: not a recipe ({error})") from error
    if not right:
        raise InvalidArtifact(f"{name}: does not match its digest")
    return recipe
