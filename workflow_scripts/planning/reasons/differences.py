"""`explain`: which module, parameter or input made an artifact another one than the nearest before it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from workflow_scripts.recipes.fingerprint import PACKAGE, PACKAGE_KEY
from workflow_scripts.recipes.recipe import SHORT, Input, Recipe, RecipeError, canonical_json, plain, read_recipe
from workflow_scripts.store.artifact import MANIFEST, Artifact, ArtifactError
from workflow_scripts.store.integrity import finished
from workflow_scripts.store.lookup import Workspace, recipe_of

_WIDEST = 60
_NOTHING = object()


@dataclass(frozen=True)
class Known:
    """A recipe of which there is an artifact, or at least a recipe file; `when` is that file's time."""

    recipe: Recipe
    finished: bool
    when: float


@dataclass(frozen=True)
class Difference:
    """What tells a new recipe from an old one.

    `values` are lines; `modules` and `inputs` are (module or role, old, new), None on the side that has none.
    """

    values: tuple[str, ...]
    modules: tuple[tuple[str, str | None, str | None], ...]
    inputs: tuple[tuple[str, Input | None, Input | None], ...]

    def __len__(self) -> int:
        return len(self.values) + len(self.modules) + len(self.inputs)

    def lines(self) -> list[str]:
        """What changed here and not in an input, with the fingerprints that `code_equivalences.yaml` asks for."""
        return [*self.values, *(f"module {name} {_verb(*pair)}" for name, *pair in self.modules)]

    def words(self) -> list[str]:
        """The same, shorter."""
        found = list(self.values)
        for verb in ("changed", "added", "removed"):
            names = [_short(name) for name, *pair in self.modules if _verb(*pair).startswith(verb)]
            if names:
                found.append(f"code {verb}: {', '.join(names)}")
        return found


def _short(module: str) -> str:
    """A module without the project's package; a package as `name (package)`."""
    if module.startswith(PACKAGE_KEY):
        return f"{module.removeprefix(PACKAGE_KEY)} (package)"
    return module.removeprefix(f"{PACKAGE}.")


def _verb(old: str | None, new: str | None) -> str:
    return "added" if old is None else "removed" if new is None else f"changed ({old} → {new})"


def known_recipes(workspace: Workspace) -> dict[str, Known]:
    """Artifact folder → recipe, of every finished artifact and recipe file that can be read."""
    found: dict[str, Known] = {}
    for path in sorted(workspace.recipes.glob("*/[!.]*.json")):
        try:
            recipe = read_recipe(path)
            found[recipe.folder] = Known(recipe, False, path.stat().st_mtime)
        except (RecipeError, OSError):
            continue  # a foreign or damaged file explains nothing
    for artifact in finished(workspace.store):
        try:
            recipe = recipe_of(artifact)
            if recipe.folder in found:
                recipe = replace(recipe, keys=found[recipe.folder].recipe.keys)
            found[recipe.folder] = Known(recipe, True, (artifact.path / MANIFEST).stat().st_mtime)
        except (ArtifactError, OSError):
            continue
    return found


def difference(old: Recipe, new: Recipe) -> Difference:
    """What changed from the old recipe to the new one."""
    before, after = old.content, new.content
    pairs = [*changes(before["parameters"], after["parameters"])]
    if old.numerics_epoch != new.numerics_epoch:
        pairs.insert(0, ("numerics_epoch", old.numerics_epoch, new.numerics_epoch))
    values = tuple(f"{in_configuration(new, path)}: {' → '.join(shortened(*pair))}" for path, *pair in pairs)
    names = sorted(old.modules.keys() | new.modules.keys())
    modules = tuple(
        (name, old.modules.get(name), new.modules.get(name))
        for name in names
        if old.modules.get(name) != new.modules.get(name)
    )
    mine, theirs = _by_role(old.inputs), _by_role(new.inputs)
    inputs = tuple(
        (role, mine.get(role), theirs.get(role))
        for role in [*theirs, *(r for r in mine if r not in theirs)]
        if getattr(mine.get(role), "digest", None) != getattr(theirs.get(role), "digest", None)
    )
    return Difference(values, modules, inputs)


def in_configuration(recipe: Recipe, path: str) -> str:
    """A parameter's path as the configuration names it, or with the kind of artifact where no key is known."""
    if path == "numerics_epoch":
        return path
    parts = re.split(r"(?=[.\[])", path)  # mean[0].x: mean, [0], .x
    for length in range(len(parts), 0, -1):
        beginning = "".join(parts[:length])
        if beginning in recipe.keys:
            return "".join([recipe.keys[beginning], *parts[length:]])
    return f"{recipe.keys['entry']}.{path}" if "entry" in recipe.keys else f"{recipe.kind}'s {path}"


def changes(old: object, new: object, path: str = "") -> Iterator[tuple[str, object, object]]:
    """(path, old value, new value) of every leaf that differs; `_NOTHING` where one side has none."""
    if isinstance(old, dict) and isinstance(new, dict):
        for key in sorted(old.keys() | new.keys()):
            below = f"{path}.{key}" if path else key
            yield from changes(old.get(key, _NOTHING), new.get(key, _NOTHING), below)
    elif isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        for index, pair in enumerate(zip(old, new, strict=True)):
            yield from changes(*pair, f"{path}[{index}]")
    elif old != new or type(old) is not type(new):
        yield path, old, new


def shortened(old: object, new: object) -> tuple[str, str]:
    """Two values as text; of long ones the part around their first difference."""
    texts = [_text(value) for value in (old, new)]
    if max(len(text) for text in texts) <= _WIDEST:
        return texts[0], texts[1]
    first = next((i for i, (a, b) in enumerate(zip(*texts, strict=False)) if a != b), min(map(len, texts)))
    start = max(0, first - _WIDEST // 3)
    cut = [text[start : start + _WIDEST] for text in texts]
    ends = [("…" if start else "", "…" if len(text) > start + _WIDEST else "") for text in texts]
    return tuple(f"{left}{text}{right}" for (left, right), text in zip(ends, cut, strict=True))


def _text(value: object) -> str:
    if value is _NOTHING:
        return "absent"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _by_role(inputs: Iterable[Input]) -> dict[str, Input]:
    """Inputs by what they are for: the same role of another recipe is compared with it."""
    found: dict[str, Input] = {}
    for item in inputs:
        role = canonical_json(plain(item.role))
        while role in found:
            role += "'"
        found[role] = item
    return found


def nearest(recipe: Recipe, known: dict[str, Known], current: set[str]) -> tuple[Known, Difference] | None:
    """The recipe of the same kind that this one most likely replaces, and what differs; None where there is none.

    One that the configuration no longer needs comes before one that it needs beside this recipe (another seed, another
    attack), one with the same label before others, and then the one with the fewest differences.
    """
    siblings = current if recipe.folder in current else set()

    seen: dict[tuple[str, str], int] = {}

    def rank(entry: tuple[Known, Difference]) -> tuple:
        other, found = entry
        beside = other.recipe.folder in siblings
        return other.recipe.label != recipe.label, beside, _weight(found, known, seen), not other.finished, -other.when

    same_kind = (k for k in known.values() if k.recipe.kind == recipe.kind and k.recipe.digest != recipe.digest)
    entries = [(other, difference(other.recipe, recipe)) for other in same_kind]
    return min(entries, key=rank) if entries else None


def _weight(found: Difference, known: dict[str, Known], seen: dict[tuple[str, str], int]) -> int:
    """How much differs, in the inputs and theirs too; `seen` holds what has been counted of pairs of inputs."""
    total = len(found)
    for _, old, new in found.inputs:
        if old is None or new is None or old.folder not in known or new.folder not in known:
            continue
        key = (old.digest, new.digest)
        if key not in seen:
            seen[key] = 0
            seen[key] = _weight(difference(known[old.folder].recipe, known[new.folder].recipe), known, seen)
        total += seen[key]
    return total


def input_lines(changed: Iterable[tuple[str, Input | None, Input | None]], known: dict[str, Known]) -> list[str]:
    """The inputs that changed, gathered by their causes: what changed in them, or further up in their own inputs."""
    causes: dict[tuple[str, ...], list[str]] = {}
    for role, old, new in changed:
        if old is None or new is None:
            item, word = (new, "added") if old is None else (old, "removed")
            causes.setdefault((word,), []).append(f"{_named(item)} as {_role(role)}")
        else:
            causes.setdefault(tuple(_causes(old, new, known, {})), []).append(_named(new))
    lines = []
    for cause, names in causes.items():
        names = list(dict.fromkeys(names))
        many = f"inputs {', '.join(names[:3])}{f' and {len(names) - 3} more' if len(names) > 3 else ''}"
        text = many if len(names) > 1 else f"input {names[0]}"
        if cause in (("added",), ("removed",)):
            lines.append(f"{text}: {cause[0]}")
        else:
            lines.append(f"{text} {'differ' if len(names) > 1 else 'differs'}: {'; '.join(cause)}")
    return lines


def _causes(old: Input, new: Input, known: dict[str, Known], seen: dict) -> list[str]:
    """Why two inputs are not the same, at the root: only what changed in a recipe itself, with where it did."""
    key = (old.digest, new.digest)
    if key not in seen:
        seen[key] = []
        if old.kind != new.kind:
            seen[key] = [f"{_named(old)} → {_named(new)}"]
        elif old.folder not in known or new.folder not in known:
            seen[key] = [f"{old.digest[:SHORT]} → {new.digest[:SHORT]} (the old recipe is gone)"]
        else:
            found = difference(known[old.folder].recipe, known[new.folder].recipe)
            lines = found.words()
            for _, before, after in found.inputs:
                if before is None or after is None:
                    lines.append(f"its input {_named(before or after)} was {'added' if before is None else 'removed'}")
                else:
                    above = _causes(before, after, known, seen)
                    lines += [c if c.startswith("in ") else f"in {_named(after)}: {c}" for c in above]
            seen[key] = list(dict.fromkeys(lines))
    return seen[key]


def _named(item: Input) -> str:
    return f"{item.kind} {item.label}"


def _role(text: str) -> str:
    return ", ".join(f"{key} {value}" for key, value in json.loads(text.rstrip("'")).items()) or "input"


def explain(recipe: Recipe, known: dict[str, Known], current: set[str]) -> list[str]:
    """The explanation of one recipe, a line each: what it is compared with, and everything that differs."""
    known = {**known, recipe.folder: known.get(recipe.folder) or Known(recipe, False, 0.0)}
    found = nearest(recipe, known, current)
    if found is None:
        return [f"{recipe.folder}: the only recipe of its kind: there is nothing to compare it with"]
    other, differs = found
    state = "finished" if other.finished else "planned, not made"
    if {recipe.folder, other.recipe.folder} <= current:
        state += ", also needed by the configuration"
    lines = [*differs.lines(), *input_lines(differs.inputs, known)]
    return [f"{recipe.folder} compared with {other.recipe.folder} ({state}):", *(f"  {line}" for line in lines)]


def explain_planned(
    planned: dict[str, Recipe], known: dict[str, Known], earlier: Iterable[str], is_made: Callable[[str], bool]
) -> Iterator[str]:
    """One line for each recipe of the configuration that has no artifact: what differs from the `earlier` run."""
    known = known | {folder: Known(recipe, folder in known, 0.0) for folder, recipe in planned.items()}
    before = {folder: known[folder] for folder in earlier if folder in known and folder not in planned}
    for folder, recipe in planned.items():
        if is_made(folder):
            continue
        found = nearest(recipe, before, set())
        if found is None or found[0].recipe.label != recipe.label:
            yield f"{folder}: new"
            continue
        other, differs = found
        reasons = [*differs.words(), *input_lines(differs.inputs, known)]
        yield f"{folder}: {'; '.join(reasons)} (compared with {other.recipe.digest[:SHORT]})"


def is_made(store: Path) -> Callable[[str], bool]:
    """Whether a store has the artifact of a folder."""
    return lambda folder: (Artifact(store / folder).path / MANIFEST).exists()
