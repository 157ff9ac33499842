"""`pack` and `unpack`: the same bytes for the same artifacts, and nothing of a tampered archive is taken."""

import json
import os
import zipfile
from pathlib import Path

import pytest

from workflow_scripts.jobs.realise import main as realise
from workflow_scripts.recipes.recipe import read_recipe, write_recipe
from workflow_scripts.store.__main__ import main
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.integrity import damage, with_checksum

STORE = Path("results/store")
CONTENT = {"best.safetensors": b"weights" * 100, "parts/history.csv": b"epoch\n1\n"}


@pytest.fixture
def model(put, planner, digits):
    """A model of invented content beside the data set that it was made from."""
    put(digits, {"images.npy": b"0123456789"})
    recipe = planner.model("small", 7)
    put(recipe, CONTENT)
    return recipe


@pytest.fixture
def packed(model) -> Path:
    """An archive of that model; the store that it came from is `theirs`."""
    assert main(["pack", "model.zip", f"model/{model.label}"]) == 0
    Path("results").rename("theirs")
    return Path("model.zip")


def nothing_taken() -> bool:
    return not [p for p in Path("results").rglob("*") if p.is_file()]


def test_packing_twice_gives_the_same_bytes_and_unpacking_the_same_artifact(packed, model, digits, capsys):
    assert main(["pack", "again.zip", f"model/{model.label}", "--results", "theirs"]) == 0
    assert packed.read_bytes() == Path("again.zip").read_bytes()
    assert main(["unpack", "model.zip"]) == 0
    assert f"{model.folder}: placed" in capsys.readouterr().out
    mine, theirs = STORE / model.folder, Path("theirs/store") / model.folder
    for name in ("manifest.json", *CONTENT):
        assert (mine / name).read_bytes() == (theirs / name).read_bytes()
    assert damage(Artifact(mine), full=True) == [] and not any(STORE.glob(".making/*"))
    assert not (STORE / digits.folder).exists()
    assert read_recipe(Path("results/recipes") / digits.file_name) == digits


def test_with_inputs_and_all(model, digits, capsys):
    assert main(["pack", "chosen.zip", model.digest[:12], "--with-inputs"]) == 0
    assert main(["pack", "all.zip"]) == 0
    assert Path("chosen.zip").read_bytes() == Path("all.zip").read_bytes()
    assert main(["unpack", "all.zip", "--results", "mine"]) == 0
    assert {p.parent.name for p in Path("mine/store").glob("*/*")} == {"dataset", "model"}
    (STORE / digits.folder).rename("away")
    assert main(["pack", "lacking.zip", model.digest[:12], "--with-inputs"]) == 2
    assert f"{digits.folder}, from which {model.folder} was made, is not in" in capsys.readouterr().err
    assert not Path("lacking.zip").exists()


def test_what_is_there_is_compared_and_left_alone(packed, model, put, capsys):
    assert main(["unpack", "model.zip"]) == 0
    assert main(["unpack", "model.zip"]) == 0
    assert f"{model.folder}: is here already, the same, and left alone" in capsys.readouterr().out
    weights = STORE / model.folder / "best.safetensors"
    weights.write_bytes(weights.read_bytes().replace(b"w", b"W"))
    assert main(["unpack", "model.zip"]) == 0
    assert "is here already, damaged (best.safetensors: its content has changed)" in capsys.readouterr().out
    weights.unlink()
    (STORE / model.folder).rename("away")
    put(model, {"best.safetensors": b"other"})
    assert main(["unpack", "model.zip"]) == 0
    assert "is here already, with another content" in capsys.readouterr().out
    assert weights.read_bytes() == b"other" and not any(STORE.glob(".making/*"))


def test_a_damaged_artifact_is_not_packed_and_an_archive_not_overwritten(model, capsys):
    weights = STORE / model.folder / "best.safetensors"
    weights.write_bytes(weights.read_bytes().replace(b"w", b"W"))
    assert main(["pack", "model.zip", f"model/{model.label}"]) == 2
    error = capsys.readouterr().err
    assert "best.safetensors: its content has changed" in error and "verify --full --discard" in error
    assert error.count("\n") == 1 and not list(Path().glob("*.zip*")) and not list(Path().glob(".*.zip*"))
    Path("model.zip").write_bytes(b"precious")
    assert main(["pack", "model.zip", "dataset/sklearn_digits"]) == 2
    assert "is there already" in capsys.readouterr().err and Path("model.zip").read_bytes() == b"precious"


def rewritten(archive: Path, edit) -> None:
    """The archive with its members, name → bytes, as `edit` leaves them."""
    with zipfile.ZipFile(archive) as stream:
        members = {entry.filename: (entry, stream.read(entry)) for entry in stream.infolist()}
    content = {name: data for name, (_, data) in members.items()}
    edit(content)
    any_entry = next(iter(members.values()))[0]
    with zipfile.ZipFile(archive, "w") as stream:
        for name, data in content.items():
            entry = zipfile.ZipInfo(name, any_entry.date_time)
            entry.create_system, entry.external_attr = 3, any_entry.external_attr
            stream.writestr(entry, data)


def one(content: dict, end: str) -> str:
    return next(name for name in content if name.startswith("store/") and name.endswith(end))


def flip(content):
    name = one(content, "best.safetensors")
    content[name] = content[name].replace(b"w", b"W")


def shorten(content):
    content[one(content, "history.csv")] = b""


def lengthen(content):
    content[one(content, "history.csv")] += b"2\n"


def lose(content):
    del content[one(content, "history.csv")]


def lose_manifest(content):
    del content[one(content, "manifest.json")]


def lose_contents(content):
    del content["contents.json"]


def stranger(content):
    content["store/model/other"] = b""


def climbing_stranger(content):
    content["../../escaped"] = b""


def edit_manifest(content, edit, sealed=True):
    name = one(content, "manifest.json")
    manifest = json.loads(content[name])
    edit(manifest)
    content[name] = json.dumps(with_checksum(manifest) if sealed else manifest).encode()


def rename(content, new):
    """A manifest, sealed as if it were ours, that names a payload file somewhere else."""

    def edit(manifest):
        manifest["payload"][new] = manifest["payload"].pop("best.safetensors")

    old = one(content, "best.safetensors")
    content[old.removesuffix("best.safetensors") + new] = content.pop(old)
    edit_manifest(content, edit)


def relabel(content):
    edit_manifest(content, lambda m: m.update(label="../../escaped"))


def other_kind(content):
    edit_manifest(content, lambda m: m["recipe"].update(kind="../escaped"))


def unsealed(content):
    edit_manifest(content, lambda m: m["metrics"].update(accuracy=1), sealed=False)


def other_recipe(content):
    edit_manifest(content, lambda m: m["recipe"]["parameters"].update(checkpoint="last"))


def manifest_is_a_list(content):
    content[one(content, "manifest.json")] = b"[]"


def other_format(content):
    content["contents.json"] = json.dumps({"format": 2, "artifacts": [], "recipes": []}).encode()


def recipe_edited(content):
    name = next(name for name in content if name.startswith("recipes/"))
    content[name] = content[name].replace(b"sklearn_digits", b"sklearn_digitz")


def folder_climbs(content):
    contents = json.loads(content["contents.json"])
    contents["recipes"] = ["../../escaped"]
    name = next(name for name in content if name.startswith("recipes/"))
    content["recipes/../../escaped.json"] = content.pop(name)
    content["contents.json"] = json.dumps(contents).encode()


TAMPERINGS = {
    "its content has changed": [flip],
    "instead of": [shorten],
    "more than the": [lengthen],
    "missing": [lose, lose_manifest, lose_contents],
    "no part of an archive": [stranger, climbing_stranger],
    "is no name of a payload file": [
        lambda c: rename(c, "../escaped"),
        lambda c: rename(c, "/tmp/escaped"),
        lambda c: rename(c, "a/../../escaped"),
        lambda c: rename(c, "a\\..\\escaped"),
        lambda c: rename(c, "a/./b"),
        lambda c: rename(c, "two\nlines"),
    ],
    "is a file and a folder": [lambda c: rename(c, "parts")],
    "cannot be an artifact's label": [relabel],
    "cannot be a kind of artifact": [other_kind],
    "manifest.json: the recipe does not match the digest": [other_recipe],
    "manifest.json: its content has changed": [unsealed],
    "not a manifest of a store": [manifest_is_a_list],
    "format 2": [other_format],
    "does not match its digest": [recipe_edited, folder_climbs],
}


@pytest.mark.parametrize(("said", "edit"), [(said, edit) for said, edits in TAMPERINGS.items() for edit in edits])
def test_nothing_of_a_tampered_archive_is_taken(packed, tmp_path, capsys, said, edit):
    rewritten(packed, edit)
    before = sorted(str(p) for p in tmp_path.rglob("*") if "results" not in p.parts)
    assert main(["unpack", "model.zip"]) == 2
    error = capsys.readouterr().err
    assert said in error and "model.zip is damaged" in error and "nothing was taken" in error
    assert error.count("\n") == 1 and nothing_taken()
    assert sorted(str(p) for p in tmp_path.rglob("*") if "results" not in p.parts) == before
    assert not (tmp_path.parent / "escaped").exists()


def test_links_repeated_and_packed_members_are_refused(packed, capsys):
    whole = packed.read_bytes()
    with zipfile.ZipFile(packed, "a") as stream:
        link = zipfile.ZipInfo("store/link")
        link.create_system, link.external_attr = 3, 0o120777 << 16
        stream.writestr(link, "/etc")
    assert main(["unpack", "model.zip"]) == 2 and "store/link: no plain file" in capsys.readouterr().err
    packed.write_bytes(whole)
    with zipfile.ZipFile(packed, "a") as stream, pytest.warns(UserWarning, match="Duplicate"):
        entry = zipfile.ZipInfo("contents.json")
        entry.create_system, entry.external_attr = 3, 0o100644 << 16
        stream.writestr(entry, b"{}")
    assert main(["unpack", "model.zip"]) == 2 and "contents.json: is there twice" in capsys.readouterr().err
    packed.write_bytes(whole)
    with zipfile.ZipFile(packed, "a", zipfile.ZIP_DEFLATED) as stream:
        stream.writestr("store/bomb", b"0" * 10**6)
    assert main(["unpack", "model.zip"]) == 2 and "store/bomb: no plain file" in capsys.readouterr().err
    assert nothing_taken()


def test_truncated_anywhere_or_with_a_flipped_byte_nothing_wrong_is_taken(packed, model, capsys):
    whole = packed.read_bytes()
    for length in range(0, len(whole), len(whole) // 23):
        packed.write_bytes(whole[:length])
        assert main(["unpack", "model.zip"]) == 2
        assert capsys.readouterr().err.count("\n") == 1 and nothing_taken()
    for position in range(0, len(whole), len(whole) // 61):
        packed.write_bytes(whole[:position] + bytes([whole[position] ^ 0x55]) + whole[position + 1 :])
        code = main(["unpack", "model.zip"])
        captured = capsys.readouterr()
        if code:
            assert captured.err.count("\n") == 1 and nothing_taken()
        else:  # a byte that says nothing, such as one of a date
            assert damage(Artifact(STORE / model.folder), full=True) == []
            os.rename(STORE / model.folder, f"taken{position}")
            for path in Path("results").rglob("*.json"):
                path.unlink()


def test_no_archive_and_a_full_disk_are_one_line(packed, capsys, monkeypatch):
    assert main(["unpack", "none.zip"]) == 2
    assert "none.zip: there is no such archive" in capsys.readouterr().err

    def full(_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("workflow_scripts.store.verified_copy.sync", full)
    assert main(["unpack", "model.zip"]) == 2
    error = capsys.readouterr().err
    assert "cannot be written (No space left" in error and error.count("\n") == 1 and nothing_taken()


def test_what_is_unpacked_is_what_a_job_looks_for(packed, model):
    assert main(["unpack", "model.zip"]) == 0
    assert realise([str(write_recipe(model, Path("results/recipes")))]) == 0
