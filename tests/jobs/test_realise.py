"""Realising a recipe: once, whole, and only as it was planned; whatever is killed, damaged or edited meanwhile."""

import errno
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workflow_scripts.jobs import realise as entry
from workflow_scripts.jobs.realise import JobError, main, parse_arguments, realise
from workflow_scripts.recipes.fingerprint import ROOT
from workflow_scripts.recipes.recipe import write_recipe
from workflow_scripts.store import commit as commit_module
from workflow_scripts.store.artifact import Artifact, ArtifactError
from workflow_scripts.store.commit import commit, is_abandoned, new_staging_folder, recipe_lock, write_manifest
from workflow_scripts.store.integrity import damage
from workflow_scripts.store.lookup import is_locked

STORE = Path("results/store")

# The job as Snakemake runs it, except that it says when it writes its first array, and then waits.
SLOW_JOB = """
import pathlib, runpy, sys, time
import numpy
write = numpy.save
def slow(path, array):
    write(path, array)
    flag = pathlib.Path(sys.argv[1] + ".writing")
    if not flag.exists():
        flag.touch()
        time.sleep({seconds})
numpy.save = slow
runpy.run_module("workflow_scripts.jobs.realise", run_name="__main__")
"""


def start(recipe_file: Path, seconds: float | None = None) -> subprocess.Popen:
    words = ["-m", "workflow_scripts.jobs.realise"] if seconds is None else ["-c", SLOW_JOB.format(seconds=seconds)]
    return subprocess.Popen(
        [sys.executable, *words, str(recipe_file), "--threads", "1"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def wait_for(path: Path) -> None:
    until = time.monotonic() + 60
    while not path.exists():
        assert time.monotonic() < until, f"{path} did not appear"
        time.sleep(0.02)


@pytest.fixture
def recipe_file(here: Path, digits) -> Path:
    return write_recipe(digits, Path("results/recipes"))


def making() -> list[Path]:
    return list(STORE.glob(".making/*"))


def test_an_artifact_is_whole_and_made_once(make, digits):
    artifact = make(digits)
    assert damage(artifact, full=True) == [] and making() == []
    assert artifact.recipe == digits.content and artifact.digest == digits.digest
    assert artifact.metrics["train"] == 1200 and artifact.manifest["run"]["device"] == "cpu"
    before = artifact.file("manifest.json").stat()
    again = make(digits)
    assert again.path == artifact.path and again.file("manifest.json").stat().st_ino == before.st_ino


def test_two_processes_make_one_artifact(recipe_file: Path, digits):
    first = start(recipe_file, seconds=2)
    wait_for(Path(f"{recipe_file}.writing"))
    second = start(recipe_file)
    outputs = [job.communicate(timeout=60)[0] for job in (first, second)]
    assert [first.returncode, second.returncode] == [0, 0], outputs
    assert "is being made by another process: waiting" in outputs[1]
    assert all("complete" in output for output in outputs)
    assert making() == [] and damage(Artifact(STORE / digits.folder), full=True) == []


def test_a_killed_job_leaves_nothing_that_the_next_one_trips_over(recipe_file: Path, digits, make):
    job = start(recipe_file, seconds=60)
    wait_for(Path(f"{recipe_file}.writing"))
    job.kill()
    job.communicate()
    assert not (STORE / digits.folder).exists() and len(making()) == 1 and is_abandoned(making()[0])
    assert damage(make(digits), full=True) == [] and making() == []


def test_a_terminated_job_cleans_up(recipe_file: Path, digits):
    job = start(recipe_file, seconds=60)
    wait_for(Path(f"{recipe_file}.writing"))
    job.terminate()
    job.communicate(timeout=30)
    assert job.returncode == 128 + signal.SIGTERM
    assert making() == [] and not (STORE / digits.folder).exists()


def test_a_folder_without_a_manifest_is_moved_aside(make, digits):
    target = STORE / digits.folder
    target.mkdir(parents=True)
    (target / "half.npy").write_bytes(b"half")
    assert damage(make(digits), full=True) == []
    assert [p.read_bytes() for p in STORE.glob(".trash/*/half.npy")] == [b"half"]


def test_the_empty_folder_that_snakemake_makes_is_replaced(make, digits):
    (STORE / digits.folder).mkdir(parents=True)
    assert damage(make(digits), full=True) == []
    assert not list(STORE.glob(".trash/*"))


def sealed(recipe, content: bytes) -> Path:
    folder = new_staging_folder(STORE, recipe)
    (folder / "file").write_bytes(content)
    facts = {"size": len(content), "sha256": commit_module.payload_table(folder)["file"]["sha256"]}
    made = {"payload": {"file": facts}, "inputs": {}}
    manifest = {"label": recipe.label, "digest": recipe.digest, "recipe": recipe.content, **made}
    write_manifest(folder, {**manifest, "metrics": {}, "run": {}})
    return folder


@pytest.mark.parametrize(("content", "said"), [(b"same", ""), (b"else", "with another content")])
def test_without_locks_the_first_to_end_is_kept(here, digits, capsys, content: bytes, said: str):
    first, second = sealed(digits, b"same"), sealed(digits, content)
    kept = commit(first, STORE, digits)
    assert commit(second, STORE, digits).path == kept.path
    assert kept.file("file").read_bytes() == b"same" and making() == []
    assert said in capsys.readouterr().out


def test_a_finished_artifact_is_never_moved_to_the_trash(here, digits, monkeypatch):
    """Another machine finishes between this one's look at the folder and its move."""
    target = STORE / digits.folder
    target.mkdir(parents=True)
    (target / "half").write_bytes(b"half")
    mine, other = sealed(digits, b"mine"), sealed(digits, b"other")
    move = commit_module.move_to_trash

    def late(folder: Path, root: Path) -> Path:
        monkeypatch.setattr(commit_module, "move_to_trash", move)
        move(folder, root)
        os.rename(other, folder)
        return move(folder, root)

    monkeypatch.setattr(commit_module, "move_to_trash", late)
    assert commit(mine, STORE, digits).file("file").read_bytes() == b"other"
    assert damage(Artifact(target), full=True) == []


def test_file_systems_without_locks_go_on(make, digits, monkeypatch, capsys):
    def flock(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(commit_module.fcntl, "flock", flock)
    assert damage(make(digits), full=True) == []
    assert "has no locks" in capsys.readouterr().out


def test_a_claim_is_on_the_file_that_others_see(here, digits, monkeypatch):
    """Garbage collection removes the lock file between this process's opening it and its turn."""
    lock = commit_module._lock

    def removed_meanwhile(stream, name: str) -> None:
        monkeypatch.setattr(commit_module, "_lock", lock)
        Path(stream.name).unlink()
        lock(stream, name)

    monkeypatch.setattr(commit_module, "_lock", removed_meanwhile)
    with recipe_lock(STORE, digits):
        assert is_locked(STORE, digits.digest)
    assert not is_locked(STORE, digits.digest)


@pytest.mark.parametrize("where", ["write_manifest", "commit"])
def test_a_full_disk_leaves_no_artifact(make, digits, monkeypatch, where: str):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(entry, where, full)
        with pytest.raises(OSError, match="No space left"):
            make(digits)
    assert making() == [] and not (STORE / digits.folder).exists()
    assert damage(make(digits), full=True) == []


def test_a_store_that_cannot_be_written_is_one_line(recipe_file: Path, capsys):
    STORE.mkdir(parents=True)
    (STORE / ".locks").write_text("a file where a folder should be")
    assert main([str(recipe_file)]) == 1
    error = capsys.readouterr().err
    assert "cannot be written" in error and error.count("\n") == 1


def test_a_finished_artifact_needs_no_write_access(make, digits, monkeypatch):
    made = make(digits)
    monkeypatch.setattr(entry, "recipe_lock", lambda *_: pytest.fail("the store was locked"))
    assert make(digits).path == made.path


def test_a_damaged_artifact_is_refused_and_not_touched(make, digits, recipe_file, capsys):
    labels = make(digits).file("train/labels.npy")
    labels.write_bytes(labels.read_bytes()[:-1])
    assert main([str(recipe_file)]) == 1
    error = capsys.readouterr().err
    assert "train/labels.npy" in error and "verify --discard" in error and error.count("\n") == 1
    assert labels.exists()


def test_an_input_of_another_digest_is_refused(put, planner, digits, recipe_file):
    put(digits, {"file": b"x"})
    other = digits.as_input(name="dataset")
    with pytest.raises(ArtifactError, match="made from recipe"):
        entry.check_intact(Artifact(STORE / other.folder), other.digest[:12] + "0" * 52)


def test_code_that_changed_since_planning_is_refused(recipe_file: Path, monkeypatch, capsys):
    now = entry.closure

    def edited(modules, roots):
        return {**now(modules, roots), "workflow_scripts.data.images": "f" * 16}

    monkeypatch.setattr(entry, "closure", edited)
    assert main([str(recipe_file)]) == 1
    error = capsys.readouterr().err
    assert "the code changed since planning (workflow_scripts.data.images): run snakemake again" in error
    assert str(recipe_file) in error and error.count("\n") == 1 and not STORE.exists()


def test_code_that_changes_while_waiting_is_refused(recipe_file: Path, digits, monkeypatch):
    now, looks = entry.closure, []

    def edited_after_the_first_look(modules, roots):
        looks.append(modules)
        return (
            now(modules, roots) if len(looks) == 1 else {**now(modules, roots), "workflow_scripts.jobs.job": "f" * 16}
        )

    monkeypatch.setattr(entry, "closure", edited_after_the_first_look)
    with pytest.raises(JobError, match="workflow_scripts.jobs.job"):
        realise(digits, parse_arguments([str(recipe_file)]))
    assert making() == []


def test_code_that_changes_while_a_brief_kind_is_made_is_refused(recipe_file: Path, digits, monkeypatch):
    now, looks = entry.closure, []

    def edited_after_the_second_look(modules, roots):
        looks.append(modules)
        return (
            now(modules, roots) if len(looks) < 3 else {**now(modules, roots), "workflow_scripts.data.images": "f" * 16}
        )

    monkeypatch.setattr(entry, "closure", edited_after_the_second_look)
    with pytest.raises(JobError, match="workflow_scripts.data.images"):
        realise(digits, parse_arguments([str(recipe_file)]))
    assert len(looks) == 3 and making() == [] and not (STORE / digits.folder / "manifest.json").exists()


def test_a_module_that_is_gone_is_code_that_changed(here, digits, capsys):
    from dataclasses import replace

    gone = replace(digits, modules={**digits.modules, "workflow_scripts.data.gone": "0" * 16})
    assert main([str(write_recipe(gone, Path("results/recipes")))]) == 1
    assert "no module workflow_scripts.data.gone" in capsys.readouterr().err


def test_data_that_changed_since_planning_is_refused(here, planner, capsys):
    import numpy as np

    Path("data").mkdir()
    arrays = {"images": np.zeros((40, 8, 8), np.uint8), "labels": np.arange(40) % 2}
    np.savez("data/mine.npz", **arrays)
    from workflow_scripts.configuration.load import check
    from workflow_scripts.planning.planner import Planner

    split = {"train": 20, "validation": 10, "test": 10}
    content = {"datasets": {"mine": {"source": "npz", "path": "mine.npz", "split": split}}}
    path = write_recipe(Planner(check(content)).dataset("mine"), Path("results/recipes"))
    np.savez("data/mine.npz", images=arrays["images"] + 1, labels=arrays["labels"])
    assert main([str(path)]) == 1
    assert "needs a path: give --source" in capsys.readouterr().err
    assert main([str(path), "--source", "mine.npz"]) == 1
    assert "the files of npz changed since planning" in capsys.readouterr().err
    shutil.rmtree("data")
    assert main([str(path), "--source", "mine.npz"]) == 1
    assert "mine.npz" in capsys.readouterr().err
