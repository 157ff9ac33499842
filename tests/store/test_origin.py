"""Two artifacts of one recipe may differ; where each was made is said, and an adopted one's origin is published."""

import json
from pathlib import Path

import pytest

from workflow_scripts.publication.publish import provenance_of
from workflow_scripts.store.__main__ import main
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.integrity import with_checksum
from workflow_scripts.store.origin import machine_of, origins
from workflow_scripts.store.upstream import adopt

STORE = Path("results/store")
PROCESSOR = {"model": "Some CPU", "instruction_sets": ["avx2"], "torch": "AVX2", "threads": 1, "variables": {}}


def made_on(artifact: Artifact, host: str) -> None:
    path = artifact.path / "manifest.json"
    manifest = json.loads(path.read_text())
    manifest["run"] |= {"host": host, "processor": PROCESSOR}
    path.write_text(json.dumps(with_checksum(manifest)))


@pytest.fixture
def theirs(put, digits):
    """The digits in the store `theirs`, made on the machine `far`."""
    made_on(put(digits, {"a.npy": b"there"}), "far")
    STORE.rename("theirs")
    return Path("theirs")


def test_verify_and_explain_say_which_copies_differ_and_where_they_were_made(theirs, put, digits, capsys):
    made_on(put(digits, {"a.npy": b"here!", "b.npy": b"same"}), "near")
    for words in (["verify", "--against", "theirs"], ["explain", digits.folder, "--against", "theirs"]):
        assert main(words) == 0
        said = capsys.readouterr().out
        assert f"{digits.folder}: another copy of the same recipe in theirs differs in a.npy, b.npy: made" in said
        assert "near, Some CPU, AVX2, 1 thread; there" in said and "far, Some CPU" in said
    assert main(["verify", "--against", "nowhere"]) == 2


def test_copies_that_agree_and_the_configurations_upstreams(theirs, put, digits, capsys):
    made_on(put(digits, {"a.npy": b"there"}), "near")
    assert main(["verify", "--against", "theirs"]) == 0
    assert capsys.readouterr().out == ""
    (STORE / digits.folder / "manifest.json").unlink()
    (STORE / digits.folder / "a.npy").unlink()
    made_on(put(digits, {"a.npy": b"other"}), "near")
    assert main(["verify", "--config", "store={upstream: [theirs]}"]) == 0
    assert "another copy of the same recipe in theirs differs in a.npy" in capsys.readouterr().out


def test_the_origin_of_an_adopted_input_is_published(theirs, put, planner, digits):
    adopt([theirs], STORE, digits)
    model = planner.model("small", 0)
    made_on(put(model, {"b": b"x"}), "near")
    recipe = planner.recipe(
        "table",
        "x",
        {"caption": "", "renderer": "x"},
        (model.as_input(name="model"),),
        ("workflow_scripts.papers.findings",),
    )
    made_on(put(recipe, {"c": b"x"}), "near")
    far, near = sorted(origins(Artifact(STORE / recipe.folder)), key=lambda entry: entry["host"])
    assert (far["host"], far["artifacts"]) == ("far", [digits.folder])
    assert far["adopted_from"] == str(theirs.absolute()) and near["adopted_from"] is None
    assert near["artifacts"] == sorted([model.folder, recipe.folder])
    assert provenance_of(Artifact(STORE / recipe.folder))["origins"] == origins(Artifact(STORE / recipe.folder))


def test_a_machine_in_one_line():
    assert machine_of({"host": "h", "gpu": "H100", "processor": PROCESSOR}) == "h, H100"
    assert machine_of({}) == "an unknown host"
    variables = {**PROCESSOR, "torch": None, "threads": 2, "variables": {"MKL_CBWR": "COMPATIBLE"}}
    assert machine_of({"host": "h", "processor": variables}) == "h, Some CPU, avx2, 2 threads, MKL_CBWR=COMPATIBLE"
