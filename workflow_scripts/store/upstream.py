"""Upstream stores: finished artifacts of others are adopted after a full check, and nothing is ever written there."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import IO

from workflow_scripts.recipes.recipe import Recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact
from workflow_scripts.store.integrity import damage
from workflow_scripts.store.lineage import other_inputs
from workflow_scripts.store.origin import note_adoption
from workflow_scripts.store.verified_copy import ForeignManifest, InvalidArtifact, copy_verified, read_foreign_manifest


def adopt(upstreams: Iterable[Path], root: Path, recipe: Recipe) -> Artifact | None:
    """A copy of the recipe's artifact from the first upstream store that has it undamaged; None where none has.

    The copy's bytes are the original's, manifest and provenance included. A damaged artifact is reported in one line
    and left where it is, and so is one that was made from other copies of inputs that this store has. Copied rather
    than linked: later changes to the upstream must not reach this store.
    """
    for upstream in upstreams:
        folder = upstream / recipe.folder
        try:
            if not upstream.is_dir():
                print(f"upstream {upstream}: no such folder; nothing is adopted from it", flush=True)
                continue
            if not (folder / MANIFEST).exists():
                continue
            foreign = _read_foreign(folder, recipe)
            if others := other_inputs(json.loads(foreign.text), root):
                print(f"{folder} is not adopted (made from another copy of {others[0]} than is here)", flush=True)
                continue
            staged = copy_verified(root, foreign, lambda name, folder=folder: _open(folder / name))
        except (InvalidArtifact, OSError) as error:
            reason = " ".join(str(error).split())
            print(f"{folder} is damaged and not adopted ({reason}): trying the next one, or making it here", flush=True)
            continue
        artifact = staged.commit_to(root)
        note_adoption(root, recipe.folder, upstream.absolute())
        print(f"{recipe.folder}: adopted from {upstream}, every byte checked", flush=True)
        return artifact
    return None


def _read_foreign(folder: Path, recipe: Recipe) -> ForeignManifest:
    problems = damage(Artifact(folder), full=False)
    if problems:
        raise InvalidArtifact("; ".join(problems[:3]))
    with _open(folder / MANIFEST) as stream:
        foreign = read_foreign_manifest(stream.read())
    if foreign.recipe.digest != recipe.digest:
        raise InvalidArtifact(f"made from recipe {foreign.recipe.digest}, not {recipe.digest}")
    return foreign


def _open(path: Path) -> IO[bytes]:
    """Open for reading only, and never through a link, which could lead anywhere."""
    return os.fdopen(os.open(path, os.O_RDONLY | os.O_NOFOLLOW), "rb")
