"""`verify`: any flipped byte, lost file or stranger is found, and nothing else is complained about."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from workflow_scripts.store.__main__ import main
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.integrity import damage, finished

STORE = Path("results/store")
FILES = {"a.bin": bytes(range(200)), "deep/er/b.bin": b"b" * 5000, "empty.txt": b""}


@pytest.fixture
def artifact(put, digits):
    return put(digits, FILES, {"accuracy": 0.75, "nan": float("nan"), "layers": {1: "one"}})


def verify(*words: str) -> int:
    return main(["verify", *words])


def test_a_whole_store_is_clean(artifact, capsys):
    assert verify() == 0 and verify("--full", "--threads", "2") == 0
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("name", [name for name, content in FILES.items() if content])
def test_a_flipped_bit_is_found_by_full_alone(artifact, capsys, name: str):
    path = artifact.path / name
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    assert verify() == 0
    assert verify("--full") == 1
    assert capsys.readouterr().out == f"dataset/{artifact.path.name}: {name}: its content has changed\n"


def truncate(folder: Path) -> None:
    os.truncate(folder / "a.bin", 100)


def lengthen(folder: Path) -> None:
    (folder / "empty.txt").write_bytes(b"x")


def lose(folder: Path) -> None:
    (folder / "deep/er/b.bin").unlink()


def add(folder: Path) -> None:
    (folder / "deep/foreign").write_bytes(b"")


def link(folder: Path) -> None:
    (folder / "foreign").symlink_to("nowhere")


@pytest.mark.parametrize(
    ("damaging", "said"),
    [
        (truncate, "a.bin: 100 bytes instead of 200"),
        (lengthen, "empty.txt: 1 bytes instead of 0"),
        (lose, "deep/er/b.bin: missing"),
        (add, "deep/foreign: not of this artifact"),
        (link, "foreign: not of this artifact"),
    ],
)
def test_names_and_sizes_are_always_compared(artifact, capsys, damaging, said: str):
    damaging(artifact.path)
    assert verify() == 1
    assert capsys.readouterr().out == f"dataset/{artifact.path.name}: {said}\n"


def test_what_file_managers_leave_is_no_damage(artifact):
    (artifact.path / ".DS_Store").write_bytes(b"x")
    (artifact.path / "deep" / ".nfs0001").write_bytes(b"x")
    assert damage(artifact, full=True) == []


def change(manifest: dict, *path: str, value: object) -> None:
    for key in path[:-1]:
        manifest = manifest[key]
    manifest[path[-1]] = value


@pytest.mark.parametrize(
    "edit",
    [
        lambda m: change(m, "metrics", "accuracy", value=0.76),
        lambda m: change(m, "recipe", "parameters", "image_size", value=9),
        lambda m: change(m, "payload", "a.bin", "sha256", value="0" * 64),
        lambda m: change(m, "run", "seconds", value=1),
        lambda m: m.pop("payload"),
        lambda m: change(m, "payload", value=[]),
        lambda m: change(m, "digest", value=3),
    ],
)
@pytest.mark.parametrize("with_checksum", [True, False])
def test_a_changed_manifest_is_found(artifact, edit, with_checksum: bool):
    path = artifact.path / "manifest.json"
    manifest = json.loads(path.read_text())
    edit(manifest)
    if not with_checksum:
        del manifest["checksum"]
    path.write_text(json.dumps(manifest))
    assert verify() == 1


def test_every_flipped_bit_of_a_manifest_is_found(artifact):
    path = artifact.path / "manifest.json"
    whole = path.read_bytes()
    for place in range(0, len(whole), 7):
        for bit in (0x01, 0x04, 0x20):
            path.write_bytes(whole[:place] + bytes([whole[place] ^ bit]) + whole[place + 1 :])
            if json_of(path) != json.loads(whole):  # else it was white space
                assert damage(Artifact(artifact.path), full=False), (place, bit)


def json_of(path) -> object:
    try:
        return json.loads(path.read_bytes())
    except ValueError:
        return None


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b"3", b"{}", b"\xff\xfe", b'{"recipe": NaN}'])
def test_a_broken_manifest_is_one_line_everywhere(artifact, capsys, content: bytes):
    (artifact.path / "manifest.json").write_bytes(content)
    assert verify("--full") == 1
    assert main(["list", "--json"]) == 0
    assert main(["show", artifact.path.name]) == 2
    captured = capsys.readouterr()
    assert captured.out.splitlines()[0].startswith(f"dataset/{artifact.path.name}: ")
    assert '"damaged": true' in captured.out
    assert "Traceback" not in captured.err


def test_an_artifact_under_another_name_is_found(artifact, capsys):
    moved = artifact.path.with_name("other--" + artifact.path.name[-12:])
    artifact.path.rename(moved)
    assert verify() == 1
    assert "is that of dataset/sklearn_digits--" in capsys.readouterr().out


def test_discard_moves_the_damaged_away_and_nothing_else(artifact, put, planner, capsys):
    other = put(planner.model("small", 0), {"best.safetensors": b"weights"})
    truncate(artifact.path)
    assert verify("--discard") == 1
    assert "run snakemake again" in capsys.readouterr().out
    assert not artifact.path.exists() and other.path.exists()
    assert len(list(STORE.glob(".trash/*/a.bin"))) == 1
    assert verify("--full") == 0


def test_one_artifact_alone(artifact, put, planner):
    put(planner.model("small", 0), {"best.safetensors": b"weights"})
    truncate(artifact.path)
    assert verify("small") == 2
    assert verify("model/" + planner.model("small", 0).folder.split("/")[1]) == 0
    assert verify(artifact.digest[:6]) == 1
    assert verify(str(artifact.path / "manifest.json")) == 1


def test_discard_keeps_off_what_is_not_the_stores(artifact, capsys):
    Path("precious").mkdir()
    assert verify("--discard", "precious") == 2
    assert verify("--discard", str(STORE / "dataset")) == 2
    assert Path("precious").exists() and artifact.path.exists()


def test_leftovers_are_named_and_are_no_damage(artifact, capsys):
    gone = subprocess.Popen([sys.executable, "-c", ""])
    gone.wait()
    for folder in (f".making/{'0' * 12}-{gone.pid}-abcdef", f"model/half--{'1' * 12}", "strange/folder"):
        (STORE / folder).mkdir(parents=True)
    (STORE / "notes.txt").write_text("hello")
    (STORE / "model" / "notes.txt").write_text("hello")
    assert verify("--full") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 5 and all(line.startswith("leftover") for line in lines)
    assert [a.path.name for a in finished(STORE)] == [artifact.path.name]


def test_sealed_but_not_placed_is_not_finished(artifact):
    artifact.path.rename(STORE / ".making" / "sealed")
    assert finished(STORE) == []


def test_no_store_is_one_line(here, capsys):
    assert verify() == 2
    error = capsys.readouterr().err
    assert "there is no store here" in error and error.count("\n") == 1
