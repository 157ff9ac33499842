"""Faults of files and disks: one clear line that names the file and the remedy, and nothing lost."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from workflow_scripts.configuration.load import check
from workflow_scripts.jobs.realise import main
from workflow_scripts.planning.planner import Planner
from workflow_scripts.planning.snakemake import plan_run
from workflow_scripts.recipes.fingerprint import ROOT
from workflow_scripts.recipes.recipe import Recipe, write_recipe
from workflow_scripts.store import __main__ as store
from workflow_scripts.store.integrity import with_checksum

STORE = Path("results/store")
KINDS = sorted(path.stem for path in (ROOT / "workflow_scripts/jobs/stages").glob("[a-z]*.py"))


def recipe_file(recipe: Recipe) -> str:
    return str(write_recipe(recipe, Path("results/recipes")))


def one_line(capsys, *words: str) -> None:
    """What was said on standard error is one line with all these words."""
    error = capsys.readouterr().err
    assert error.count("\n") == 1 and all(word in error for word in words), error


def content_of(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def truncated(folder: Path) -> str:
    os.truncate(folder / "part/numbers.npy", 3)
    return "part/numbers.npy: 3 bytes instead of 10"


def flipped(folder: Path) -> str:
    (folder / "part/numbers.npy").write_bytes(b"0123456780")
    return "part/numbers.npy: its content has changed"


def missing(folder: Path) -> str:
    (folder / "part/numbers.npy").unlink()
    return "part/numbers.npy: missing"


def foreign(folder: Path) -> str:
    (folder / "stranger").write_bytes(b"")
    return "stranger: not of this artifact"


def manifest_truncated(folder: Path) -> str:
    os.truncate(folder / "manifest.json", 50)
    return "manifest.json is unreadable"


def manifest_flipped(folder: Path) -> str:
    path = folder / "manifest.json"
    path.write_text(path.read_text().replace('"accuracy": 1', '"accuracy": 2'))
    return "manifest.json: its content has changed"


def manifest_foreign(folder: Path) -> str:
    path = folder / "manifest.json"
    path.write_text(json.dumps(with_checksum(json.loads(path.read_text()) | {"label": "another"})))
    return "manifest.json: is that of"


def manifest_missing(folder: Path) -> str:
    (folder / "manifest.json").unlink()
    return "is not a finished artifact (no manifest.json)"


DAMAGES = (truncated, flipped, missing, foreign, manifest_truncated, manifest_flipped, manifest_foreign)


@pytest.mark.parametrize("kind", KINDS)
def test_a_job_refuses_a_damaged_input_of_every_kind(put, capsys, kind):
    made = Recipe(kind, "made", {}, (), {}, "1")
    sound = put(Recipe("dataset", "sound", {}, (), {}, "1"), {"a": b"1"})
    reader = Recipe("aggregate", "reader", {}, (made.as_input(name="information"),), {}, "1")
    before = content_of(sound.path)
    for break_it in DAMAGES:
        artifact = put(made, {"part/numbers.npy": b"0123456789", "table.csv": b"a\n"}, {"accuracy": 1})
        said = break_it(artifact.path)
        assert main([recipe_file(reader)]) == 1
        one_line(capsys, said, str(artifact.path), "verify --full --discard", reader.file_name)
        assert store.main(["verify", "--full"]) == 1
        assert f"{made.folder}: " in capsys.readouterr().out
        damaged = content_of(artifact.path)
        assert store.main(["verify", "--full", "--discard"]) == 1 and not artifact.path.exists()
        (trashed,) = (STORE / ".trash").iterdir()
        assert content_of(trashed) == damaged and store.main(["verify", "--full"]) == 0
        shutil.rmtree(trashed)
        capsys.readouterr()
    artifact = put(made, {"part/numbers.npy": b"0123456789"})
    assert manifest_missing(artifact.path) and main([recipe_file(reader)]) == 1
    one_line(capsys, "is not a finished artifact", str(artifact.path))
    assert content_of(sound.path) == before and not any(STORE.glob("aggregate/reader*"))
    assert not any(STORE.glob(".making/*"))


def own_data(configuration: dict, **entry) -> Recipe:
    split = {"train": 6, "validation": 3, "test": 3}
    configuration["datasets"]["own"] = {**entry, "image_size": 8, "split": split}
    return Planner(check(configuration)).dataset("own")


def images() -> Path:
    for name in ("cat", "dog"):
        for k in range(6):
            path = Path(f"data/own/{name}/{k}.png")
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(np.random.default_rng(k).integers(0, 256, (8, 8, 3), np.uint8)).save(path)
    return Path("data/own/dog/3.png")


def cut(content: bytes) -> bytes:
    return content[: len(content) // 2]


def text(content: bytes) -> bytes:
    return b"<html>not found</html>"


def empty(content: bytes) -> bytes:
    return b""


def garbled(content: bytes) -> bytes:
    return content[:50] + bytes(byte ^ 0x55 for byte in content[50:-20]) + content[-20:]


@pytest.mark.parametrize("spoil", [cut, text, empty, garbled])
def test_a_corrupt_image_is_named(here, configuration, capsys, spoil):
    image = images()
    whole = image.read_bytes()
    image.write_bytes(spoil(whole))
    recipe = own_data(configuration, source="folder", path="own")
    assert main([recipe_file(recipe), "--source", "own"]) == 1
    one_line(capsys, "data/own", "dog/3.png", "replace", "run snakemake again")
    assert not (STORE / recipe.folder).exists() and not any(STORE.glob(".making/*"))
    image.write_bytes(whole)
    fixed = own_data(configuration, source="folder", path="own")
    assert main([recipe_file(fixed), "--source", "own"]) == 0


UNREADABLE = {
    "there is no such configuration": lambda path: None,
    "cannot be read (Is a directory)": Path.mkdir,
    "is not UTF-8 text": lambda path: path.write_bytes(b"models: \xff\xfe"),
    "is empty": Path.touch,
    "must be a mapping": lambda path: path.write_text("- a list"),
    "line 2: not valid YAML": lambda path: path.write_text("models:\n  a: {b: [1}\n"),
    "not valid YAML": lambda path: path.write_bytes(b"models: \x00"),
}


@pytest.mark.parametrize("said", UNREADABLE)
def test_an_unreadable_configuration_is_one_line(here, capsys, said):
    path = Path("config/other.yaml")
    UNREADABLE[said](path)
    with pytest.raises(SystemExit) as ended:
        plan_run(here, [path], {})
    assert ended.value.code == 1
    error = capsys.readouterr().err.strip()
    assert said in error and "config/other.yaml" in error and "\n" not in error


def in_a_namespace(script: str) -> subprocess.CompletedProcess:
    """Run a script where it may mount file systems that nobody else sees and that vanish with it."""
    if (
        shutil.which("unshare") is None
        or subprocess.run(["unshare", "--mount", "true"], capture_output=True).returncode
    ):
        pytest.skip("mounting a file system needs root on Linux")
    path = os.pathsep.join([str(ROOT), *(p for p in sys.path if p)])
    words = ["unshare", "--mount", "bash", "-euc", f"python() {{ '{sys.executable}' \"$@\"; }}\n{script}"]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}, timeout=300)
    if "mount:" in done.stderr:
        pytest.skip(f"no file system can be mounted here: {done.stderr.strip()}")
    return done


REALISE = "python -m workflow_scripts.jobs.realise"


def test_a_full_disk_is_one_line_and_space_fixes_it(here, digits):
    done = in_a_namespace(f"""
        mkdir -p results/store
        mount -t tmpfs -o size=64k tmpfs results/store
        ! {REALISE} {recipe_file(digits)}
        find results/store -type f -size +0 >&2
        mount -o remount,size=8m tmpfs results/store
        {REALISE} {recipe_file(digits)}
        python -m workflow_scripts.store verify --full
    """)
    assert done.returncode == 0, done.stdout + done.stderr
    first, *rest = done.stderr.splitlines()
    assert "the disk is full (results/store" in first and "free space, then run snakemake again" in first
    assert rest[-1].startswith("1 artifacts checked (every byte), 0 damaged") and len(rest) == 1


def test_a_full_disk_while_adopting(put, digits):
    put(digits, {"a.npy": bytes(100_000)})
    STORE.rename("theirs")
    done = in_a_namespace(f"""
        mkdir -p results/store
        mount -t tmpfs -o size=64k tmpfs results/store
        ! {REALISE} {recipe_file(digits)} --upstream theirs
        find results/store -type f -size +0 >&2
        mount -o remount,size=8m tmpfs results/store
        {REALISE} {recipe_file(digits)} --upstream theirs
        python -m workflow_scripts.store verify --full
    """)
    assert done.returncode == 0, done.stdout + done.stderr
    *errors, last = done.stderr.splitlines()
    assert len(errors) == 1 and "the store results/store cannot be written (No space left" in errors[0]
    assert "0 damaged" in last and "is damaged" not in done.stdout


def test_a_read_only_store_is_read_and_not_written(put, planner, digits):
    put(digits, {"a": b"x"})
    lacking = planner.model("small", 7)
    done = in_a_namespace(f"""
        mount --bind results/store results/store
        mount -o remount,bind,ro results/store
        {REALISE} {recipe_file(digits)}
        python -m workflow_scripts.store list
        ! {REALISE} {recipe_file(lacking)}
    """)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{STORE / digits.folder}: complete" in done.stdout and "1 artifact," in done.stdout
    (error,) = done.stderr.splitlines()
    assert "the store results/store cannot be written (Read-only file system" in error
    assert "correct its permissions, then run snakemake again" in error
