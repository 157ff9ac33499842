"""What the commands of the store share: where things lie, how artifacts are looked up by name, and sizes."""

from __future__ import annotations

import fcntl
import re
from dataclasses import dataclass
from pathlib import Path

from workflow_scripts.recipes.recipe import SHORT, Recipe, RecipeError, from_content, read_recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError
from workflow_scripts.store.integrity import folders, manifest_damage

DIGEST = re.compile(r"[0-9a-f]{4,64}")
ENTRY = re.compile(r"[a-z0-9][a-z0-9_.-]*--([0-9a-f]{12})")


class StoreError(RuntimeError):
    """A request that cannot be met; the message names the path and the remedy."""


@dataclass(frozen=True)
class Workspace:
    """The folders that belong together: a results folder and its store."""

    results: Path
    store: Path

    @property
    def recipes(self) -> Path:
        return self.results / "recipes"

    @property
    def scratch(self) -> Path:
        return self.results / "scratch"


def folder_of(path: Path) -> str:
    """`kind/label--digest` of an artifact's folder."""
    return f"{path.parent.name}/{path.name}"


def short_digest(name: str) -> str:
    """The digest in a folder's or recipe file's name; empty for a name that has none."""
    found = ENTRY.fullmatch(name.removesuffix(".json"))
    return found[1] if found else ""


def check_store(workspace: Workspace) -> None:
    """StoreError where there is no store to look at."""
    if not workspace.store.is_dir():
        raise StoreError(f"{workspace.store}: there is no store here: run snakemake first, or give --store")


def readable(artifact: Artifact) -> bool:
    """Whether the manifest is there and undamaged; the payload is not looked at."""
    try:
        return not manifest_damage(artifact)
    except (ArtifactError, KeyError, TypeError, ValueError, AttributeError):
        return False


def resolve(workspace: Workspace, text: str) -> Path:
    """The artifact folder that `text` names: a path, `kind/label--digest`, a digest's beginning, or a unique label."""
    for path in (Path(text), workspace.store / text):
        if path.name == MANIFEST:
            path = path.parent
        if path.is_dir():
            return path.resolve()
    check_store(workspace)
    found = [path for path in folders(workspace.store) if _matches(path, text)]
    return _only_match(
        [path for path in found if (path / MANIFEST).exists()] or found, text, f"artifact in {workspace.store}"
    )


def resolve_recipe(workspace: Workspace, text: str) -> tuple[Recipe, Path]:
    """The recipe that `text` names and where it was read: from a finished artifact, or from a recipe file."""
    path = Path(text)
    if path.is_file() and path.name != MANIFEST:
        return _recipe(path), path
    try:
        path = resolve(workspace, text)
        return recipe_of(Artifact(path)), path
    except (StoreError, ArtifactError) as error:
        if "ambiguous" in str(error):
            raise
        files = [p for p in sorted(workspace.recipes.glob("*/[!.]*.json")) if _matches(p.with_suffix(""), text)]
        if not files:
            raise StoreError(f"{error}; there is no such recipe in {workspace.recipes} either") from error
    path = _only_match(files, text, f"recipe in {workspace.recipes}")
    return _recipe(path), path


def recipe_of(artifact: Artifact) -> Recipe:
    """The recipe in an artifact's manifest; ArtifactError where that is damaged."""
    try:
        return from_content(artifact.recipe, artifact.manifest["label"])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise ArtifactError(
            f"{artifact.path / MANIFEST} is not a manifest of this store ({error}): "
            "python -m workflow_scripts.store verify --discard moves the artifact away"
        ) from error


def is_locked(store: Path, digest: str) -> bool:
    """Whether a process on a machine that shares the store's locks is making this artifact now."""
    try:
        with (store / ".locks" / f"{digest[:SHORT]}.lock").open() as stream:
            fcntl.flock(stream, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    except OSError:
        return False
    return False


def size_of(path: Path) -> int:
    """Bytes in a file, or in all files below a folder; what vanishes meanwhile counts nothing."""
    total = 0
    for file in [path] if path.is_file() else path.rglob("*"):
        try:
            total += file.stat().st_size if file.is_file() else 0
        except OSError:
            continue
    return total


def human(count: float) -> str:
    """A number of bytes in readable form: `3.4 MB`."""
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} {unit}" if unit == "B" or count >= 100 else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"


def _recipe(path: Path) -> Recipe:
    try:
        return read_recipe(path)
    except RecipeError as error:
        raise StoreError(str(error)) from error


def _matches(path: Path, text: str) -> bool:
    label, _, _ = path.name.rpartition("--")
    if text in (folder_of(path), path.name) or (label and text in (f"{path.parent.name}/{label}", label)):
        return True
    digest = short_digest(path.name)
    return bool(digest) and DIGEST.fullmatch(text) is not None and digest.startswith(text[:SHORT])


def _only_match(found: list[Path], text: str, what: str) -> Path:
    if not found:
        raise StoreError(f"{text}: no such {what}: python -m workflow_scripts.store list shows what there is")
    if len(found) > 1:
        names = ", ".join(folder_of(path) for path in found[:5])
        raise StoreError(
            f"{text}: ambiguous name, matches {names}{', …' if len(found) > 5 else ''}: use a longer prefix"
        )
    return found[0]
