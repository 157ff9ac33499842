"""What was run is remembered in the store, and what a remembered run needs is never removed."""

import fcntl
import json
import threading
import time
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import check
from workflow_scripts.planning.snakemake import plan_run
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.store.__main__ import main
from workflow_scripts.store.plans import nearest_plan, remember_plan, remembered_plans

STORE = Path("results/store")


@pytest.fixture
def other(put, configuration):
    """The plan of another configuration, all of whose artifacts the store has; and a file that says it."""
    configuration["attacks"]["fgsm"]["epsilon"] = "1/10"
    Path("config/other.yaml").write_text(yaml.safe_dump(configuration))
    plan = make_plan(check(configuration))
    for recipe in plan.recipes.values():
        put(recipe, {"a": b"x"})
    return plan


def left() -> set[str]:
    return {f"{path.parent.parent.name}/{path.parent.name}" for path in STORE.glob("[!.]*/*/manifest.json")}


def gc(*words: str) -> int:
    return main(["gc", "--yes", "--grace", "0", *words])


def test_a_run_with_values_of_its_own_is_remembered_and_kept(here, other, capsys):
    run = plan_run(here, [], {"attacks": {"fgsm": {"epsilon": "1/10"}}}, remember=True)
    assert run.plan.recipes.keys() == other.recipes.keys()
    assert gc() == 0 and left() == set(other.recipes)
    said = capsys.readouterr().out
    (plan,) = remembered_plans(STORE)
    assert plan.digest in said and "config/config.yaml --config attacks=" in said and "0 entries" in said


def test_what_was_not_run_is_not_remembered(here, other):
    plan_run(here, [], {"attacks": {"fgsm": {"epsilon": "1/10"}}}, explain=True)
    assert remembered_plans(STORE) == []


def test_a_later_schema_does_not_break_the_memory(here, other):
    remember_plan(STORE, other.recipes, Path("config/other.yaml"), {})
    Path("config/other.yaml").write_text("unknown_section: 1")
    assert gc() == 0 and left() == set(other.recipes)


def test_a_forgotten_plan_is_removed_with_its_cost_and_can_be_taken_back(here, other, capsys):
    remember_plan(STORE, other.recipes, Path("config/other.yaml"), {})
    (plan,) = remembered_plans(STORE)
    assert main(["plans"]) == 0 and f"{plan.digest}  {here}/config/other.yaml" in capsys.readouterr().out
    assert main(["forget", plan.digest[:6]]) == 0
    assert gc() == 0
    gone = set(other.recipes) - left()
    said = capsys.readouterr().out
    assert gone and len(list(STORE.glob(".trash/*"))) == len(gone)
    assert f"{1.5 * len(gone) / 3600:.2g} hours to make again moved to the trash (trash --empty deletes it)" in said
    assert main(["trash", "--empty"]) == 0 and not list(STORE.glob(".trash/*"))


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'{"artifacts": [1]}', b'{"artifacts": "x"}', b"\xff"])
def test_a_memory_that_cannot_be_read_keeps_everything(here, other, capsys, content: bytes):
    (STORE / ".plans").mkdir()
    (STORE / ".plans" / "0123456789ab.json").write_bytes(content)
    assert gc() == 2 and left() == set(other.recipes)
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and "so that everything is kept" in error and "store forget 0123456789ab" in error
    assert main(["forget", "0123456789ab"]) == 0 and gc() == 0 and left() != set(other.recipes)


def test_forgetting_needs_one_plan(here, other, capsys):
    for name in ("one", "two"):
        remember_plan(STORE, other.recipes, Path(name), {})
    assert main(["forget", "nothing"]) == 2 and main(["forget", ""]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 2 and len(remembered_plans(STORE)) == 2


def test_gc_of_one_checkout_keeps_what_another_one_runs(here, other, monkeypatch):
    """Two checkouts and one store: the second plans while the first removes, and sees the store as it then is."""
    store = STORE.absolute()
    (here / "second" / "config").mkdir(parents=True)
    content = yaml.safe_load(Path("config/other.yaml").read_text()) | {"store": {"root": str(store)}}
    (here / "second" / "config" / "config.yaml").write_text(yaml.safe_dump(content))
    (store / ".plans").mkdir()
    order = []

    def run_of_the_second() -> None:
        remember_plan(store, other.recipes, here / "second/config/config.yaml", {})
        order.append("planned")

    with (store / ".plans" / ".lock").open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)  # the first checkout's gc is removing
        thread = threading.Thread(target=run_of_the_second)
        thread.start()
        time.sleep(0.3)
        order.append("removed")
    thread.join(timeout=30)
    assert order == ["removed", "planned"]
    assert gc("--store", str(store)) == 0 and left() == set(other.recipes)
    monkeypatch.chdir(here / "second")
    assert gc() == 0 and {p.parent.name for p in store.glob("[!.]*/*/manifest.json")} == {
        folder.partition("/")[2] for folder in other.recipes
    }


def test_a_store_that_cannot_be_written_does_not_stop_a_run(here, monkeypatch, capsys):
    def refuse(*_):
        raise OSError(30, "Read-only file system")

    monkeypatch.setattr("workflow_scripts.planning.snakemake.remember_plan", refuse)
    assert plan_run(here, [], {}, remember=True).plan.recipes
    assert "this run cannot be remembered there (Read-only file system)" in capsys.readouterr().err


def test_the_nearest_run_is_the_latest_of_the_same_file_or_one_that_is_mostly_the_same(here):
    def remembered(name: str, artifacts: set[str], when: str):
        remember_plan(STORE, artifacts, Path(name), {})
        for path in (STORE / ".plans").glob("[!.]*.json"):
            content = json.loads(path.read_text())
            if content["artifacts"] == sorted(artifacts):
                path.write_text(json.dumps(content | {"time": when}))

    remembered("mine.yaml", {"k/a", "k/b"}, "2026-01-01")
    remembered("mine.yaml", {"k/a", "k/c"}, "2026-01-02")
    remembered("theirs.yaml", {"k/a", "k/d", "k/e"}, "2026-01-03")
    plans = remembered_plans(STORE)
    assert nearest_plan(plans, {"k/a", "k/d"}, Path("mine.yaml")).artifacts == {"k/a", "k/c"}
    assert nearest_plan(plans, {"k/a", "k/d"}, Path("new.yaml")).artifacts == {"k/a", "k/d", "k/e"}
    assert nearest_plan(plans, {"k/x", "k/y", "k/a"}, Path("new.yaml")) is None
    assert nearest_plan(plans, {"k/a", "k/b"}, None) is not None
