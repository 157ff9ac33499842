"""Whether an artifact is undamaged: the payload's files, sizes and checksums against its manifest."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from workflow_scripts.recipes.recipe import SHORT, digest_of
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError, remedy

_BLOCK = 1 << 20
_LITTER = (".DS_Store", ".nfs")
"""What file managers and network file systems leave in folders that they look into."""


def payload_files(folder: Path) -> list[Path]:
    """Every file below an artifact's folder but the manifest, in the order of their names."""
    found = (p for p in folder.rglob("*") if p.is_file() or p.is_symlink())
    return sorted(p for p in found if p != folder / MANIFEST and not p.name.startswith(_LITTER))


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


def with_checksum(manifest: dict) -> dict:
    """The manifest as it is written: JSON values, and the checksum of all its other entries."""
    content = json.loads(json.dumps({key: value for key, value in manifest.items() if key != "checksum"}))
    text = json.dumps(content, sort_keys=True, separators=(",", ":"))
    return {**content, "checksum": hashlib.sha256(text.encode()).hexdigest()}


def damage(artifact: Artifact, *, full: bool) -> list[str]:
    """What is wrong with an artifact: missing, added or resized files, and with `full` any changed byte."""
    try:
        problems = manifest_damage(artifact)
        if problems:
            return problems
        expected = {name: (facts["size"], facts["sha256"]) for name, facts in artifact.manifest["payload"].items()}
    except ArtifactError as error:
        return [str(error)]
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        return [f"{MANIFEST}: not a manifest of this store ({type(error).__name__}: {error})"]
    present = {path.relative_to(artifact.path).as_posix(): path for path in payload_files(artifact.path)}
    problems = [f"{name}: missing" for name in expected.keys() - present.keys()]
    problems += [f"{name}: not of this artifact" for name in present.keys() - expected.keys()]
    for name in expected.keys() & present.keys():
        problems += file_damage(name, present[name], *expected[name], full=full)
    return sorted(problems)


def manifest_damage(artifact: Artifact) -> list[str]:
    """Whether the manifest is the one that was written, and of the recipe that the folder's name says."""
    manifest = artifact.manifest
    problems = content_damage(manifest)
    if problems:
        return problems
    folder = f"{manifest['recipe']['kind']}/{manifest['label']}--{manifest['digest'][:SHORT]}"
    if f"{artifact.path.parent.name}/{artifact.path.name}" != folder:
        return [f"{MANIFEST}: is that of {folder}"]
    return []


def content_damage(manifest: dict) -> list[str]:
    """Whether a manifest's content is the one that was written, wherever it lies."""
    if with_checksum(manifest)["checksum"] != manifest.get("checksum"):
        return [f"{MANIFEST}: its content has changed"]
    if digest_of(manifest["recipe"]) != manifest["digest"]:
        return [f"{MANIFEST}: the recipe does not match the digest"]
    if not isinstance(manifest.get("inputs"), dict):
        return [f"{MANIFEST}: says nothing of its inputs"]
    return []


def file_damage(name: str, path: Path, size: int, sha256: str, *, full: bool) -> list[str]:
    """What is wrong with one payload file."""
    try:
        found = path.stat().st_size
        if found != size:
            return [f"{name}: {found} bytes instead of {size}"]
        if full and sha256_of(path) != sha256:
            return [f"{name}: its content has changed"]
    except OSError as error:
        return [f"{name}: cannot be read ({error.strerror})"]
    return []


def full_remedy(path: Path) -> str:
    """The command that fixes an artifact in which every byte was compared: names and sizes may be as they should."""
    return remedy(path).replace(" verify ", " verify --full ", 1)


def folders(root: Path) -> list[Path]:
    """Every folder of a store that should hold an artifact, by kind and name; without the store's own dot folders."""
    kinds = sorted(path for path in root.glob("[!.]*") if path.is_dir())
    return [path for kind in kinds for path in sorted(kind.glob("[!.]*")) if path.is_dir()]


def finished(root: Path) -> list[Artifact]:
    """Every artifact of a store that has a manifest, by kind and name."""
    return [Artifact(path) for path in folders(root) if (path / MANIFEST).exists()]
