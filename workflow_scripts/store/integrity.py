"""Whether an artifact is whole: the payload's files, sizes and checksums against its manifest."""

from __future__ import annotations

import hashlib
from pathlib import Path

from workflow_scripts.recipe import SHORT, digest_of
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError

_BLOCK = 1 << 20


def payload_files(folder: Path) -> list[Path]:
    """Every file below an artifact's folder but the manifest, in the order of their names."""
    return sorted(p for p in folder.rglob("*") if p.is_file() and p != folder / MANIFEST)


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()


def payload_table(folder: Path) -> dict[str, dict]:
    """Relative name → {"size", "sha256"} for every payload file."""
    return {
        path.relative_to(folder).as_posix(): {"size": path.stat().st_size, "sha256": sha256_of(path)}
        for path in payload_files(folder)
    }


def damage(artifact: Artifact, *, full: bool) -> list[str]:
    """What is wrong with an artifact: missing, added or resized files, and with `full` any changed byte."""
    try:
        manifest = artifact.manifest
        expected = manifest["payload"]
        if digest_of(manifest["recipe"]) != manifest["digest"] or manifest["digest"][:SHORT] not in artifact.path.name:
            return [f"{MANIFEST}: the recipe does not match the digest"]
    except ArtifactError as error:
        return [str(error)]
    except (KeyError, TypeError) as error:
        return [f"{MANIFEST}: lacks {error}"]
    present = {path.relative_to(artifact.path).as_posix(): path for path in payload_files(artifact.path)}
    problems = [f"{name}: missing" for name in expected.keys() - present.keys()]
    problems += [f"{name}: not of this artifact" for name in present.keys() - expected.keys()]
    for name in sorted(expected.keys() & present.keys()):
        if present[name].stat().st_size != expected[name]["size"]:
            problems.append(f"{name}: {present[name].stat().st_size} bytes instead of {expected[name]['size']}")
        elif full and sha256_of(present[name]) != expected[name]["sha256"]:
            problems.append(f"{name}: its content has changed")
    return sorted(problems)


def finished(root: Path) -> list[Artifact]:
    """Every artifact of a store that has a manifest, by kind and name."""
    return [Artifact(path.parent) for path in sorted(root.glob(f"*/*/{MANIFEST}"))]
