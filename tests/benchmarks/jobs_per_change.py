"""The jobs that a change causes, by kind: a Markdown table for a configuration that was run to its end before.

    python -m tests.benchmarks.jobs_per_change [CONFIGURATION]

A job runs for every planned artifact that the finished run did not have, and for every publication whose artifact is
another one than before. Code is changed in a copy of the package; nothing is executed.
"""

from __future__ import annotations

import copy
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from unittest import mock

import yaml

from workflow_scripts.configuration.load import check, read_yaml
from workflow_scripts.planning import planner as planning
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.code_equivalences import load_equivalences
from workflow_scripts.recipes.fingerprint import PACKAGE, ROOT, closure

CODE = "\n\ndef added_by_an_edit(x):\n    return x + 1\n"
COMMENT = "\n\n# added by an edit\n"
DOCSTRING = '\n\n"""Added by an edit."""\n'


@dataclass(frozen=True)
class Change:
    """A change, in words, of the configuration's content, of the files of a checkout, or of both."""

    words: str
    configuration: Callable[[dict], None] = lambda content: None
    checkout: Callable[[Path], None] = lambda root: None


def edited(module: str, text: str) -> Callable[[Path], None]:
    """Append text to a module of the checkout."""

    def edit(root: Path) -> None:
        path = root / PACKAGE / module
        path.write_text(path.read_text(encoding="utf-8") + text, encoding="utf-8")

    return edit


def touched(root: Path) -> None:
    for path in root.rglob("*"):
        path.touch()


def equivalent(module: str) -> Callable[[Path], None]:
    """Edit a module's code and declare that it computes what it did before."""

    def edit(root: Path) -> None:
        name = f"{PACKAGE}.{module.removesuffix('.py').replace('/', '.')}"
        before = closure([name], [root])[name]
        edited(module, CODE)(root)
        statement = {"module": name, "new": closure([name], [root])[name], "old": before}
        path = root / "config" / "code_equivalences.yaml"
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) or []
        entries.append({**statement, "reason": "a refactoring", "date": "2025-01-31"})
        path.write_text(yaml.safe_dump(entries), encoding="utf-8")

    return edit


def more_seeds(model: str) -> Callable[[dict], None]:
    def edit(content: dict) -> None:
        seeds = content["models"][model].get("seeds", [0])
        content["models"][model]["seeds"] = [*seeds, max(seeds) + 1]

    return edit


def longer(model: str) -> Callable[[dict], None]:
    """One epoch more for one model's training, which gets a training of its own where it shares one."""

    def edit(content: dict) -> None:
        training = copy.deepcopy(content["trainings"][content["models"][model]["training"]])
        training["epochs"] += 1
        content["trainings"]["longer"] = training
        content["models"][model]["training"] = "longer"

    return edit


def renamed(content: dict) -> None:
    """Other names for a training and everything that says how jobs run: no result knows them."""
    name = next(iter(content["trainings"]))
    content["trainings"]["another_name"] = content["trainings"].pop(name)
    for model in content["models"].values():
        if model["training"] == name:
            model["training"] = "another_name"
    content["execution"] = {**content.get("execution", {}), "device": "cpu"}


CHANGES = (
    Change("a comment in every attack and model, a docstring in the training loop", checkout=lambda root: [
        edit(root) for edit in (
            *(edited(f"{p.parent.name}/{p.name}", COMMENT) for p in _modules("attacks", "models")),
            edited("training/loop.py", DOCSTRING),
        )
    ]),
    Change("the checkout in another folder, every file touched", checkout=touched),
    Change("a training renamed, another device", renamed),
    Change("the training loop refactored, with an entry in `code_equivalences.yaml`",
           checkout=equivalent("training/loop.py")),
    Change("FGSM's ε", lambda content: content["attacks"]["fgsm"].update(epsilon="0.07")),
    Change("one more seed of good_init", more_seeds("good_init")),
    Change("one more epoch for deep_conv", longer("deep_conv")),
    Change("the bucket count B", lambda content: content["studies"]["information_flow"].update(buckets=11)),
    Change("JSMA's code", checkout=edited("attacks/jsma.py", CODE)),
    Change("a figure's code (`aggregated_paths`)", checkout=edited("rendering/figures/aggregated_paths.py", CODE)),
    Change("one table's code (`table_10`)", checkout=edited("papers/information_flow/table_10_architecture.py", CODE)),
    Change("`numerics_epoch`", lambda content: content.update(numerics_epoch="another")),
)  # fmt: skip
OF_OTHER_STUDIES = {
    "local_properties": Change(
        "local_properties' `radius_step`",
        lambda content: content["studies"]["local_properties"].update(radius_step=5),
    ),
    "attack_signatures": Change(
        "attack_signatures' recognisers train longer",
        lambda content: content["studies"]["attack_signatures"]["redrl"].update(epochs=77),
    ),
}


def _modules(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / PACKAGE / folder).glob("[a-z]*.py"))]


@contextmanager
def planned_from(root: Path) -> Iterator[None]:
    """Plan with the code and the equivalences of another checkout."""
    equivalences = partial(load_equivalences, root / "config" / "code_equivalences.yaml")
    with (
        mock.patch.object(planning, "closure", lambda modules, roots: closure(modules, [root])),
        mock.patch.object(planning, "load_equivalences", equivalences),
    ):
        yield


def planned(content: dict, change: Change | None = None) -> Plan:
    """The plan of a configuration's content, or of what a change makes of it, in a copy of the checkout."""
    content = copy.deepcopy(content)
    if change is None:
        return make_plan(check(content))
    change.configuration(content)
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "moved"
        for name in (PACKAGE, "config"):
            shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__"))
        change.checkout(root)
        with planned_from(root):
            return make_plan(check(content))


def jobs(before: Plan, after: Plan) -> dict[str, int]:
    """Kind (or `publish`) → jobs that run after a change, where the run before had ended."""
    counts = Counter(folder.partition("/")[0] for folder in after.recipes if folder not in before.recipes)
    published = {p.stem: p.recipe.digest for p in before.publications}
    publications = sum(published.get(p.stem) != p.recipe.digest for p in after.publications)
    return {**counts, **({"publish": publications} if publications else {})}


def main() -> int:
    content = read_yaml(Path(sys.argv[1]) if len(sys.argv) > 1 else ROOT / "config" / "config.yaml")
    before = planned(content)
    total = len(before.recipes) + len(before.publications)
    print("| change | jobs | of them |\n|---|---:|---|")
    for change in (*CHANGES, *(c for study, c in OF_OTHER_STUDIES.items() if study in content["studies"])):
        found = jobs(before, planned(content, change))
        order = sorted(found, key=lambda kind: (kind == "publish", kind in ("table", "figure")))
        named = ", ".join(f"{found[kind]} {kind}" for kind in order)
        count = sum(found.values())
        print(f"| {change.words} | {count} | {'everything' if count == total else named or 'none'} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
