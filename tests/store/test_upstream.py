"""Upstream stores: what they have whole is adopted, byte for byte; what is damaged there is made here."""

import os
import shutil
from pathlib import Path

import pytest

from workflow_scripts.configuration.load import check
from workflow_scripts.jobs.realise import main
from workflow_scripts.planning.snakemake import plan_run
from workflow_scripts.recipes.recipe import write_recipe
from workflow_scripts.store import verified_copy
from workflow_scripts.store.artifact import Artifact, ArtifactError
from workflow_scripts.store.integrity import damage
from workflow_scripts.store.upstream import adopt

STORE, UPSTREAM = Path("results/store"), Path("theirs")
CONTENT = {"a.npy": b"0123456789", "train/b.npy": b"abc"}


@pytest.fixture
def theirs(put, digits) -> Path:
    """The digits' artifact, with invented content, in an upstream store alone."""
    put(digits, CONTENT, {"train": 12})
    STORE.rename(UPSTREAM)
    return UPSTREAM / digits.folder


def state(folder: Path) -> dict:
    """All that a look at a folder could have changed but the times of reading."""
    return {str(p): (s.st_ino, s.st_mtime_ns, s.st_mode, s.st_nlink) for p in folder.rglob("*") for s in [p.lstat()]}


def job(recipe, *words: str) -> int:
    return main([str(write_recipe(recipe, Path("results/recipes"))), "--threads", "1", *words])


def test_a_whole_artifact_is_adopted_byte_for_byte(theirs, digits, capsys):
    before = state(UPSTREAM)
    assert job(digits, "--upstream", "elsewhere", "--upstream", str(UPSTREAM)) == 0
    said = capsys.readouterr().out
    assert f"{digits.folder}: adopted from theirs, every byte checked" in said
    assert "upstream elsewhere: no such folder; nothing is adopted from it" in said
    mine = STORE / digits.folder
    for name in ("manifest.json", *CONTENT):
        assert (mine / name).read_bytes() == (theirs / name).read_bytes()
        assert (mine / name).stat().st_ino != (theirs / name).stat().st_ino
    assert damage(Artifact(mine), full=True) == []
    assert state(UPSTREAM) == before and not any(STORE.glob(".making/*"))


def flip(folder: Path) -> None:
    (folder / "a.npy").write_bytes(b"0123456780")


def truncate(folder: Path) -> None:
    os.truncate(folder / "a.npy", 4)


def remove(folder: Path) -> None:
    (folder / "train/b.npy").unlink()


def add(folder: Path) -> None:
    (folder / "stranger").write_bytes(b"")


def link(folder: Path) -> None:
    (folder / "a.npy").rename(folder.parent.parent / "a.npy")
    (folder / "a.npy").symlink_to(Path("../../a.npy"))


def link_folder(folder: Path) -> None:
    (folder / "train").rename(folder.parent.parent / "train")
    (folder / "train").symlink_to(Path("../../train"))


def edit_manifest(folder: Path) -> None:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"train": 12', '"train": 13'))


def cut_manifest(folder: Path) -> None:
    os.truncate(folder / "manifest.json", 100)


DAMAGES = [flip, truncate, remove, add, link, link_folder, edit_manifest, cut_manifest]


@pytest.mark.parametrize("break_it", DAMAGES)
def test_a_damaged_one_is_never_adopted(theirs, digits, capsys, break_it):
    break_it(theirs)
    before = state(UPSTREAM)
    assert adopt([UPSTREAM], STORE, digits) is None
    (line,) = capsys.readouterr().out.splitlines()
    assert line.startswith(f"{theirs} is damaged and not adopted (")
    assert state(UPSTREAM) == before and not (STORE / digits.folder).exists() and not any(STORE.glob(".making/*"))


def test_instead_of_a_damaged_one_the_next_is_adopted_or_the_job_done(theirs, digits, capsys):
    shutil.copytree(UPSTREAM, "whole")
    flip(theirs)
    assert adopt([UPSTREAM, Path("whole")], STORE, digits).file("a.npy").read_bytes() == CONTENT["a.npy"]
    shutil.rmtree(STORE)
    assert job(digits, "--upstream", str(UPSTREAM)) == 0
    made = Artifact(STORE / digits.folder)
    assert made.metrics["train"] == 1200 and damage(made, full=True) == []
    assert "a.npy: its content has changed" in capsys.readouterr().out


def test_another_artifact_under_the_same_name_is_refused(theirs, planner, capsys):
    """Twelve hexadecimal digits name a folder; the whole digest decides."""
    other = planner.model("small", 7)
    target = UPSTREAM / other.folder
    target.parent.mkdir()
    theirs.rename(target)
    assert adopt([UPSTREAM], STORE, other) is None
    assert "is that of dataset/" in capsys.readouterr().out


def test_what_is_in_the_store_is_not_looked_for_upstream(put, digits, monkeypatch):
    put(digits, CONTENT)
    monkeypatch.setattr("workflow_scripts.jobs.realise.adopt", lambda *_: pytest.fail("looked upstream"))
    assert job(digits, "--upstream", "theirs") == 0


def test_a_store_that_cannot_be_written_is_not_the_upstreams_fault(theirs, digits, monkeypatch, capsys):
    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(verified_copy, "sync", full)
    with pytest.raises(ArtifactError, match="the store results/store cannot be written .No space left"):
        adopt([UPSTREAM], STORE, digits)
    assert not any(STORE.glob(".making/*")) and capsys.readouterr().out == ""


def test_a_source_that_changes_while_it_is_copied_is_refused(theirs, digits, monkeypatch, capsys):
    looked = verified_copy.content_damage

    def changed_after_the_look(manifest):
        flip(theirs)
        return looked(manifest)

    monkeypatch.setattr(verified_copy, "content_damage", changed_after_the_look)
    assert adopt([UPSTREAM], STORE, digits) is None
    assert "a.npy: its content has changed" in capsys.readouterr().out


def test_the_configuration_names_upstreams_and_no_recipe_does(here, configuration, capsys):
    assert check(configuration).store.upstream == []
    plain = plan_run(here, [], {})
    run = plan_run(here, [], {"store": {"upstream": ["/shared/it's", "theirs"]}})
    assert "--upstream" not in plain.options
    assert run.options.endswith("""--upstream '/shared/it'"'"'s' --upstream theirs""")
    assert run.plan.recipes.keys() == plain.plan.recipes.keys()
    assert "store.upstream: theirs: no such folder; nothing is adopted from it" in capsys.readouterr().err
