"""The jobs that each change causes: exactly those that it reaches, counted, and found once more along the graph."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.benchmarks.jobs_per_change import CHANGES, CODE, Change, edited, jobs, planned
from workflow_scripts.configuration.load import read_yaml
from workflow_scripts.planning.plan import Plan
from workflow_scripts.recipes.fingerprint import PACKAGE, ROOT
from workflow_scripts.recipes.recipe import Recipe

TINY = read_yaml(ROOT / "tests/workflow/tiny.yaml")
NOTHING: dict[str, int] = {}


@pytest.fixture(scope="module")
def before() -> Plan:
    return planned(TINY)


def change(words: str) -> Change:
    (found,) = (each for each in CHANGES if each.words.startswith(words))
    return found


def uses(module: str) -> Callable[[Recipe], bool]:
    return lambda recipe: f"{PACKAGE}.{module}" in recipe.modules


def reached(plan: Plan, begins: Callable[[Recipe], bool]) -> dict[str, int]:
    """Jobs by kind: the recipes for which `begins` is true and all that is made from them, without any digest."""
    found: set[str] = set()
    for folder, recipe in plan.recipes.items():  # inputs come first
        if begins(recipe) or any(item.folder in found for item in recipe.inputs):
            found.add(folder)
    counts = dict(Counter(folder.partition("/")[0] for folder in found))
    published = sum(publication.recipe.folder in found for publication in plan.publications)
    return {**counts, "publish": published} if published else counts


@pytest.mark.parametrize(
    "words", ["a comment in every attack", "the checkout in another folder", "a training renamed", "the training loop"]
)
def test_what_computes_the_same_causes_no_job(before, words):
    assert jobs(before, planned(TINY, change(words))) == NOTHING


EXPECTED = [
    ("FGSM's ε", lambda r: r.kind == "adversarial" and r.parameters["attack"] == "fgsm",
     {"adversarial": 6, "features": 4, "information": 4, "information_streaming": 4, "path_sensitivity": 1,
      "aggregate": 8, "table": 12, "figure": 10, "results_page": 1, "publish": 23}),
    ("one more epoch for deep_conv", lambda r: r.kind == "model" and r.parameters["architecture"] == "deep_conv",
     {"model": 1, "adversarial": 2, "information_streaming": 6, "aggregate": 5, "table": 8, "figure": 7,
      "results_page": 1, "publish": 16}),
    ("the bucket count", lambda r: r.kind in ("information", "information_streaming"),
     {"information": 15, "information_streaming": 16, "aggregate": 25, "table": 11, "figure": 18,
      "results_page": 1, "publish": 30}),
    ("JSMA's code", uses("attacks.jsma"),
     {"adversarial": 6, "trajectory": 1, "random_walk": 1, "features": 5, "information": 5,
      "information_streaming": 5, "aggregate": 8, "table": 11, "figure": 12, "results_page": 1, "publish": 24}),
    ("a figure's code", uses("rendering.figures.aggregated_paths"), {"figure": 14, "results_page": 1, "publish": 15}),
    ("one table's code", uses("papers.information_flow.table_10_architecture"),
     {"table": 1, "results_page": 1, "publish": 2}),
    ("`numerics_epoch`", lambda r: True,
     {"dataset": 1, "model": 4, "adversarial": 16, "compressed": 1, "distilled": 1, "features": 15, "information": 15,
      "aggregate": 25, "trajectory": 1, "random_walk": 1, "information_streaming": 16, "predictions": 2,
      "path_sensitivity": 1, "table": 17, "figure": 24, "results_page": 1, "publish": 42}),
]  # fmt: skip


@pytest.mark.parametrize(("words", "begins", "expected"), EXPECTED, ids=[words for words, _, _ in EXPECTED])
def test_a_change_makes_what_it_reaches_and_nothing_else(before, words, begins, expected):
    assert jobs(before, planned(TINY, change(words))) == expected == reached(before, begins)


def test_one_more_seed_makes_its_training_and_leaves_the_others(before):
    """good_init is attacked by three attacks, two of which have controls; compressed has seeds of its own."""
    expected = {"model": 1, "adversarial": 5, "features": 6, "information": 6, "information_streaming": 1}
    expected |= {"aggregate": 6, "table": 9, "figure": 1, "results_page": 1, "publish": 11}
    assert jobs(before, planned(TINY, change("one more seed"))) == expected


def test_an_edit_of_the_training_loop_trains_anew_where_nothing_is_declared(before):
    found = jobs(before, planned(TINY, Change("", checkout=edited("training/loop.py", CODE))))
    assert found == reached(before, uses("training.loop"))
    assert (found["model"], found["compressed"], found["distilled"]) == (4, 1, 1) and "dataset" not in found


@pytest.mark.parametrize("words", [each.words for each in CHANGES])
def test_going_back_makes_nothing_and_publishes_what_had_changed(before, words):
    there = planned(TINY, change(words))
    counts = jobs(there, before)
    kept = {**there.recipes, **before.recipes}
    assert jobs(Plan(kept, publications=there.publications), before).keys() <= {"publish"}
    assert counts.get("publish", 0) == jobs(before, there).get("publish", 0)


def test_a_clone_elsewhere_plans_the_same(before, tmp_path):
    """Another folder, other times of change, another interpreter process, no cache."""
    for name in (PACKAGE, "config"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"), copy_function=copy)
    program = (
        "import json, sys\nfrom pathlib import Path\nimport workflow_scripts\n"
        "from workflow_scripts.configuration.load import load\n"
        "from workflow_scripts.planning.studies import make_plan\n"
        "plan = make_plan(load(Path(sys.argv[1])))\n"
        "print(json.dumps([workflow_scripts.__file__, list(plan.recipes), plan.digest]))\n"
    )
    words = [sys.executable, "-c", program, str(ROOT / "tests/workflow/tiny.yaml")]
    done = subprocess.run(words, cwd=tmp_path, env={"PYTHONPATH": "."}, capture_output=True, text=True, timeout=300)
    place, folders, digest = json.loads(done.stdout)
    assert Path(place).is_relative_to(tmp_path)
    assert folders == list(before.recipes) and digest == before.digest


def test_every_profile_lets_existence_decide():
    profiles = [read_yaml(path) for path in (ROOT / "profiles").glob("*/config.yaml")]
    keys = {"rerun-triggers": ["mtime"], "ignore-incomplete": True, "keep-incomplete": True}
    assert len(profiles) == 3 and all({key: found.get(key) for key in keys} == keys for found in profiles)


def copy(source: str, target: str) -> None:
    shutil.copyfile(source, target)  # without the times
