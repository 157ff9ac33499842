"""Why a run has work to do: what is planned and not in the store, gathered by cause, in a few lines."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.reasons.differences import Known, difference, nearest
from workflow_scripts.recipes.recipe import SHORT, Recipe, RecipeError, read_recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError
from workflow_scripts.store.lookup import StoreError, recipe_of
from workflow_scripts.store.plans import nearest_plan, remembered_plans

NEW = "new"
_MAX_COMPARED = 60
"""Artifacts that are compared with older ones, so that a plan of thousands does not wait for its reasons."""
_MAX_CANDIDATES = 24
"""Artifacts of the earlier run that one is compared with, at most."""
_MAX_LINES = 8
_MAX_KINDS = 10
_MAX_WORDS = 3


def lacking(plan: Plan, store: Path) -> list[str]:
    """Folders of the planned artifacts that the store does not have, inputs first."""
    return [folder for folder in plan.recipes if not os.path.exists(f"{store}/{folder}/{MANIFEST}")]


class Library:
    """Recipes by artifact folder: planned, in a recipe file, or in a finished artifact's manifest; each read once."""

    def __init__(self, plan: Plan, recipes: Path, store: Path, earlier: Iterable[str]):
        self._plan, self._recipes, self._store = plan, recipes, store
        self._earlier: dict[tuple[str, str], list[str]] = {}
        for folder in earlier:
            if folder not in plan.recipes:
                kind, _, name = folder.partition("/")
                self._earlier.setdefault((kind, name[: -SHORT - 2]), []).append(folder)
        self._read: dict[str, Recipe | None] = {}
        self._older: dict[tuple[str, str], dict[str, Known]] = {}

    def get(self, folder: str) -> Recipe | None:
        """The recipe; None where there is none, or a damaged one, which explains nothing."""
        if folder in self._plan.recipes:
            return self._plan.recipes[folder]
        if folder not in self._read:
            path = self._recipes / f"{folder}.json"
            try:
                self._read[folder] = read_recipe(path) if path.exists() else recipe_of(Artifact(self._store / folder))
            except (RecipeError, ArtifactError, OSError):
                self._read[folder] = None
        return self._read[folder]

    def older(self, recipe: Recipe) -> dict[str, Known]:
        """Finished artifacts of the earlier run that have this kind and label and that the plan does not have."""
        key = (recipe.kind, recipe.label)
        if key not in self._older:
            found: dict[str, Known] = {}
            for folder in sorted(self._earlier.get(key, ()))[:_MAX_CANDIDATES]:
                path = self._store / folder / MANIFEST
                made = self.get(folder) if path.exists() else None
                if made is not None:
                    found[folder] = Known(made, True, path.stat().st_mtime)
            self._older[key] = found
        return self._older[key]


class Reasons:
    """Each lacking artifact's causes. One with a lacking input is made because of that input's causes.

    `earlier` are the artifacts of the run that the plan is compared with.
    """

    def __init__(self, plan: Plan, store: Path, recipes: Path, earlier: Iterable[str]):
        self.plan, self.lacking = plan, lacking(plan, store)
        self._library = Library(plan, recipes, store, earlier)
        self._seen: dict[tuple[str, str], list[str]] = {}
        self.causes: dict[str, tuple[str, ...]] = {}
        compared = 0
        for folder in self.lacking:
            recipe = plan.recipes[folder]
            above = [cause for item in recipe.inputs for cause in self.causes.get(item.folder, ())]
            if not above:
                compared += 1
                above = [self.root(recipe) if compared <= _MAX_COMPARED else "not compared with older ones"]
            self.causes[folder] = tuple(dict.fromkeys(above))

    def root(self, recipe: Recipe) -> str:
        """What tells an artifact whose inputs are all there from the older one that it most likely replaces."""
        found = nearest(recipe, self._library.older(recipe), set())
        if found is None:
            entry = recipe.keys.get("entry")
            return f"{NEW} ({entry})" if entry else NEW
        words = list(dict.fromkeys(self.words(found[0].recipe, recipe)))
        more = len(words) - _MAX_WORDS
        return "; ".join(words[:_MAX_WORDS]) + (f"; and {more} more" if more > 0 else "")

    def words(self, old: Recipe, new: Recipe) -> list[str]:
        """What changed from the old recipe to the new one and in their inputs, in the configuration's words."""
        key = (old.digest, new.digest)
        if key in self._seen:
            return self._seen[key]
        self._seen[key] = words = []
        found = difference(old, new)
        words += found.words()
        for _, before, after in found.inputs:
            if before is None or after is None:
                words.append(f"{'more' if before is None else 'fewer'} inputs of kind {(before or after).kind}")
                continue
            pair = self._library.get(before.folder), self._library.get(after.folder)
            if None in pair or pair[0].kind != pair[1].kind:
                words.append(f"{after.kind} {after.label}: {before.digest[:SHORT]} → {after.digest[:SHORT]}")
            else:
                words += self.words(*pair)
        return words


def summary(plan: Plan, store: Path, recipes: Path, configuration: Path | None = None) -> list[str]:
    """Lines for a person: how much is to be made, by cause; none where nothing is.

    The plan is compared with the latest run of the same configuration file, or else with one that is mostly the same.
    """
    if not lacking(plan, store):
        return []
    reasons = Reasons(plan, store, recipes, earlier_artifacts(plan, store, configuration))
    total = f"{len(reasons.lacking)} of {len(plan.recipes)} artifacts are not in the store"
    causes = {cause for several in reasons.causes.values() for cause in several}
    nothing_yet = len(reasons.lacking) == len(plan.recipes) or len(causes) > _MAX_WORDS
    if nothing_yet and all(cause.startswith(NEW) for cause in causes):
        return [f"{total}, nor older ones like them: {counted(reasons.lacking)}"]
    groups: dict[tuple[str, ...], list[str]] = {}
    for folder, several in reasons.causes.items():
        groups.setdefault(several, []).append(folder)
    single = [(several[0], folders) for several, folders in groups.items() if len(several) == 1]
    lines = [f"  {counted(folders)}: {cause}" for cause, folders in single[:_MAX_LINES]]
    several = [folder for key, folders in groups.items() if len(key) > 1 for folder in folders]
    if several:
        lines.append(f"  {counted(several)}: several of these")
    left = [folder for _, folders in single[_MAX_LINES:] for folder in folders]
    if left:
        lines.append(
            f"  {counted(left)}: other causes (python -m workflow_scripts.store explain --planned [--configfile FILE])"
        )
    return [f"{total}:", *lines]


def earlier_artifacts(plan: Plan, store: Path, configuration: Path | None) -> frozenset[str]:
    """The artifacts of the nearest earlier run; none where no run is near or the memory of runs cannot be read."""
    try:
        near = nearest_plan(remembered_plans(store), plan.recipes, configuration)
    except StoreError:
        return frozenset()  # the commands of the store report it; a run must not fail because of it
    return frozenset() if near is None else near.artifacts


def counted(folders: Iterable[str]) -> str:
    """`4 adversarial, 2 features`: how many of each kind, of the first kinds where there are many."""
    counts = list(Counter(folder.partition("/")[0] for folder in folders).items())
    named = [f"{count} {kind}" for kind, count in counts[:_MAX_KINDS]]
    if left := sum(count for _, count in counts[_MAX_KINDS:]):
        named.append(f"{left} of {len(counts) - _MAX_KINDS} other kinds")
    return ", ".join(named)
