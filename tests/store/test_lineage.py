"""An artifact goes with the very inputs that it was made from, not only with others of the same recipe."""

import json
from pathlib import Path

import pytest

from workflow_scripts.planning.snakemake import plan_run
from workflow_scripts.store.__main__ import main
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.commit import move_to_trash
from workflow_scripts.store.integrity import with_checksum
from workflow_scripts.store.lineage import drop_stale_checkpoints
from workflow_scripts.store.upstream import adopt

STORE = Path("results/store")
IMAGES = {"subset": "test", "count": 10, "stratified": True}


@pytest.fixture
def chain(put, planner):
    """A data set, a model and a set of attacked images, of invented content."""
    recipes = [planner.dataset("digits"), planner.model("small", 0), planner.adversarial("fgsm", "small", 0, IMAGES)]
    for recipe in recipes:
        put(recipe, {"a.bin": b"first"})
    return recipes


def test_what_was_made_from_another_copy_is_found_down_to_the_last(chain, put, capsys):
    data, model, attacked = chain
    assert main(["verify", "--full"]) == 0
    move_to_trash(STORE / model.folder, STORE)
    assert main(["verify"]) == 0  # what is not there is no other copy
    put(model, {"a.bin": b"later"})
    capsys.readouterr()
    assert main(["verify", "--discard"]) == 1
    said = capsys.readouterr().out
    assert f"{attacked.folder}: made from another copy of {model.folder} than is here\n" in said
    assert not (STORE / attacked.folder).exists() and (STORE / data.folder).exists()
    assert main(["verify", "--full"]) == 0


def test_it_is_said_of_all_that_follows(chain, put, capsys):
    data, model, attacked = chain
    move_to_trash(STORE / data.folder, STORE)
    put(data, {"a.bin": b"later"})
    assert main(["verify"]) == 1
    lines = capsys.readouterr().out.splitlines()
    why = f"made from another copy of {data.folder} than is here"
    assert f"{model.folder}: {why}" in lines
    assert any(line.startswith(f"{attacked.folder}: made from") for line in lines)


def test_it_is_not_adopted_beside_other_inputs(chain, put, capsys):
    data, model, _ = chain
    STORE.rename("theirs")
    put(data, {"a.bin": b"first"})
    assert adopt([Path("theirs")], STORE, model) is not None
    move_to_trash(STORE / model.folder, STORE)
    move_to_trash(STORE / data.folder, STORE)
    put(data, {"a.bin": b"mine"})
    capsys.readouterr()
    assert adopt([Path("theirs")], STORE, model) is None
    assert f"theirs/{model.folder} is not adopted (made from another copy of {data.folder}" in capsys.readouterr().out


def test_checkpoints_from_other_inputs_are_dropped(chain, put, capsys):
    data, *_ = chain
    scratch = Path("results/scratch/0123456789ab")
    for content, kept in ((b"first", False), (b"first", True), (b"later", False)):
        move_to_trash(STORE / data.folder, STORE)
        put(data, {"a.bin": content})
        drop_stale_checkpoints(scratch, [Artifact(STORE / data.folder)])
        assert (scratch / "part-0.npz").exists() == kept
        (scratch / "part-0.npz").write_bytes(b"")
    assert capsys.readouterr().out.count("beginning anew") == 1


def test_a_results_folder_that_cannot_be_written_is_one_line(here, monkeypatch, capsys):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workflow_scripts.planning.snakemake.write_recipes", full)
    with pytest.raises(SystemExit):
        plan_run(here, [], {})
    assert capsys.readouterr().err.strip() == "results: No space left on device: fix that, then run snakemake again"


def test_a_manifest_that_says_nothing_of_its_inputs_is_damage(chain, capsys):
    _, model, _ = chain
    path = STORE / model.folder / "manifest.json"
    path.write_text(json.dumps(with_checksum(json.loads(path.read_text()) | {"inputs": None})))
    capsys.readouterr()
    assert main(["verify"]) == 1
    assert capsys.readouterr().out == f"{model.folder}: manifest.json: says nothing of its inputs\n"
