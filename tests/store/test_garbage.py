"""`gc`: what no configuration needs goes, when asked, and nothing else."""

import fcntl
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import check, load
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import write_recipe
from workflow_scripts.store import commit
from workflow_scripts.store.__main__ import main
from workflow_scripts.store.commit import is_abandoned
from workflow_scripts.store.garbage import duration

STORE = Path("results/store")
IMAGES = {"split": "test", "count": 10, "selection_seed": 0}


@pytest.fixture
def later(monkeypatch):
    """Two hours on."""
    now = time.time
    monkeypatch.setattr(time, "time", lambda: now() + 7200)


def test_gc_keeps_what_is_needed_and_says_before_it_does(put, planner, digits, later, capsys):
    needed, garbage = put(digits, {"a": b"x"}), put(planner.model("small", 7), {"a": b"x" * 2000})
    assert main(["gc"]) == 0
    out = capsys.readouterr().out
    assert f"would move model/{garbage.path.name}" in out
    assert needed.path.name not in out and garbage.path.exists()
    assert main(["gc", "--yes"]) == 0
    assert f"moved to the trash: model/{garbage.path.name}" in capsys.readouterr().out
    assert needed.path.exists() and not garbage.path.exists()
    assert [p.read_bytes() for p in STORE.glob(".trash/*/a")] == [b"x" * 2000]
    assert main(["gc", "--yes"]) == 0
    assert "0 entries" in capsys.readouterr().out


def test_gc_keeps_the_whole_plan(put, later, here):
    plan = make_plan(load(Path("config/config.yaml")))
    made = [put(recipe, {"a": b"x"}) for recipe in plan.recipes.values()]
    assert main(["gc", "--yes", "--grace", "0", "--recipes"]) == 0
    assert len(made) > 10 and all(artifact.path.exists() for artifact in made)
    assert all((Path("results/recipes") / recipe.file_name).exists() for recipe in plan.recipes.values())


def test_gc_keeps_what_a_further_configuration_needs(put, configuration, digits, later, capsys):
    mine = put(digits, {"a": b"x"})
    configuration["datasets"]["digits"]["split"]["seed"] = 5
    Path("config/other.yaml").write_text(yaml.safe_dump(configuration))
    other = Planner(check(configuration)).dataset("digits")
    others = put(other, {"a": b"x"})
    assert main(["gc", "--yes", "--configfile", "config/other.yaml"]) == 0
    assert mine.path.exists() and others.path.exists()
    assert main(["gc", "--yes"]) == 0
    assert mine.path.exists() and not others.path.exists()


def test_gc_keeps_the_young(put, planner, monkeypatch):
    young = put(planner.model("small", 7), {"a": b"x"})
    assert main(["gc", "--yes"]) == 0 and young.path.exists()
    assert main(["gc", "--yes", "--grace", "0"]) == 0 and not young.path.exists()


def test_gc_keeps_the_inputs_of_what_is_being_made(put, planner, later):
    data = planner.dataset("digits")
    trained = planner.model("small", 7)
    artifact = put(trained, {"a": b"x"})
    attacked = planner.adversarial("fgsm", "small", 7, IMAGES)
    write_recipe(attacked, Path("results/recipes"))
    put(data, {"a": b"x"})
    lock = STORE / ".locks" / f"{attacked.digest[:12]}.lock"
    lock.parent.mkdir()
    with lock.open("w") as stream:
        fcntl.flock(stream, fcntl.LOCK_EX)
        assert main(["gc", "--yes"]) == 0
        assert artifact.path.exists() and lock.exists()
    assert main(["gc", "--yes"]) == 0
    assert not artifact.path.exists() and not lock.exists()


def test_gc_removes_what_interrupted_jobs_left(put, digits, later, capsys):
    put(digits, {"a": b"x"})
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    dead, alive = (STORE / ".making" / f"{'0' * 12}-{pid}-abcdef" for pid in (gone.pid, os.getpid()))
    half, trashed = STORE / "model" / f"half--{'1' * 12}", STORE / ".trash" / "old"
    idle, finished = Path("results/scratch", "2" * 12), Path("results/scratch", digits.digest[:12])
    waiting = Path("results/scratch", make_plan(load(Path("config/config.yaml"))).publications[0].recipe.digest[:12])
    for folder in (dead, alive, half, trashed, idle, finished, waiting):
        folder.mkdir(parents=True)
        (folder / "file").write_bytes(b"x")
    assert main(["gc"]) == 0 and dead.exists()
    assert main(["gc", "--yes"]) == 0
    left = [p.exists() for p in (dead, alive, half, trashed, idle, finished, waiting)]
    assert left == [False, True, False, True, False, False, True]
    assert main(["trash"]) == 0 and len(list(STORE.glob(".trash/*/file"))) == 5
    assert "5 entries" in capsys.readouterr().out
    assert main(["trash", "--empty"]) == 0 and not list(STORE.glob(".trash/*"))


def test_gc_removes_recipes_only_when_asked(put, planner, digits, later):
    put(digits, {"a": b"x"})
    unneeded = write_recipe(planner.model("small", 7), Path("results/recipes"))
    needed = Path("results/recipes") / digits.file_name
    assert main(["gc", "--yes"]) == 0 and unneeded.exists()
    assert main(["gc", "--yes", "--recipes"]) == 0 and not unneeded.exists() and needed.exists()


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--grace", "soon"], "--grace: 'soon' is no duration"),
        (["--configfile", "none.yaml"], "none.yaml: there is no such configuration file"),
        (["--configfile", "config/bad.yaml"], "config/bad.yaml: nonsense: unknown key"),
        (["--store", "elsewhere"], "elsewhere: there is no store here"),
    ],
)
def test_gc_does_nothing_where_it_cannot_know(put, planner, capsys, later, words: list[str], said: str):
    artifact = put(planner.model("small", 7), {"a": b"x"})
    Path("config/bad.yaml").write_text("nonsense: 1")
    assert main(["gc", "--yes", *words]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1 and artifact.path.exists()


def test_gc_without_any_configuration_refuses(put, planner, later, capsys):
    artifact = put(planner.model("small", 7), {"a": b"x"})
    Path("config/config.yaml").unlink()
    assert main(["gc", "--yes"]) == 2 and artifact.path.exists()
    assert "give the configurations that are in use by --configfile" in capsys.readouterr().err


@pytest.mark.parametrize(("text", "seconds"), [("0", 0), ("90", 90), ("30m", 1800), ("1h", 3600), ("1.5d", 129600)])
def test_durations(text: str, seconds: float):
    assert duration(text) == seconds


def test_abandoned_folders_are_those_of_dead_processes(tmp_path: Path):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    host = commit._host()
    alive, dead = tmp_path / f"ab-{host}-{os.getpid()}-cd", tmp_path / f"ab-{host}-{gone.pid}-cd"
    elsewhere, before = tmp_path / f"ab-elsewhere-{gone.pid}-cd", tmp_path / f"ab-elsewhere-{gone.pid}-ef"
    for folder in (alive, dead, elsewhere, before):
        folder.mkdir()
    os.utime(before, (0, 0))
    assert [is_abandoned(f) for f in (alive, dead, elsewhere, before)] == [False, True, False, True]
