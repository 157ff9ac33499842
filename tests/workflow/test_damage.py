"""A damaged file in an artifact of every kind of a finished run: found, mended by the command named, made again."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.workflow.undisturbed import ROOT, covering, environment, make_undisturbed, payloads
from workflow_scripts.configuration.load import load
from workflow_scripts.planning.studies import make_plan

pytestmark = pytest.mark.workflow


def truncated(path: Path) -> str:
    size = path.stat().st_size
    os.truncate(path, size // 2)
    return f"{path.stat().st_size} bytes instead of {size}"


def flipped(path: Path) -> str:
    content = bytearray(path.read_bytes())
    content[len(content) // 3] ^= 4
    path.write_bytes(content)
    return "its content has changed"


def missing(path: Path) -> str:
    path.unlink()
    return "missing"


def foreign(path: Path) -> str:
    path.with_name("stranger").write_bytes(b"not of this artifact")
    return "not of this artifact"


DAMAGES = (truncated, flipped, missing, foreign)


@pytest.fixture(scope="module", params=["tiny.yaml", "local_properties.yaml", "signatures.yaml"])
def finished(request, tmp_path_factory):
    """A finished run's folder, its configuration, and what it holds."""
    folder, configuration = tmp_path_factory.mktemp("run"), ROOT / "tests/workflow" / request.param
    plan = make_plan(load(configuration))
    chosen = [p.recipe.folder for p in plan.publications if p.name in covering(plan)]
    make_undisturbed(folder, configuration, chosen)
    return folder, configuration, payloads(folder)


def run(folder: Path, *words: str) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", *words]
    return subprocess.run(command, cwd=folder, env=environment(), capture_output=True, text=True, timeout=1800)


def test_damage_of_every_kind_is_found_mended_and_made_again(finished):
    folder, configuration, whole = finished
    kinds = {name.partition("/")[0]: name for name in whole}
    expected = set()
    for number, name in enumerate(kinds.values()):
        damage = DAMAGES[(number + len(kinds)) % len(DAMAGES)]
        file = max(whole[name], key=lambda each: whole[name][each]["size"])
        place = folder / "results/store" / name / file
        said = damage(place)
        shown = Path(file).with_name("stranger").as_posix() if damage is foreign else file
        expected.add(f"{name}: {shown}: {said}")

    found = run(folder, "workflow_scripts.store", "verify", "--full")
    assert found.returncode == 1 and set(found.stdout.splitlines()) == expected, (found.stdout, kinds)
    mended = run(folder, "workflow_scripts.store", "verify", "--full", "--discard")
    assert "run snakemake again to make them anew" in mended.stdout
    assert payloads(folder).keys() == whole.keys() - set(kinds.values())
    assert len(list((folder / "results/store/.trash").iterdir())) == len(kinds)

    made_again(folder, configuration, list(kinds.values()))
    assert payloads(folder) == whole
    assert run(folder, "workflow_scripts.store", "verify", "--full").returncode == 0


def made_again(folder: Path, configuration: Path, names: list[str]) -> None:
    """Ask Snakemake for the artifacts that are gone.

    Where a target is made from another target, and what lies between them exists, one run leaves the second out.
    """
    words = ["--snakefile", str(ROOT / "Snakefile"), "--workflow-profile", str(ROOT / "profiles/default")]
    words += ["--cores", "2", "--configfile", str(configuration), "--"]
    runs = 0
    while lacking := [name for name in names if not (folder / "results/store" / name).exists()]:
        done = run(folder, "snakemake", *words, *(f"results/store/{name}/manifest.json" for name in lacking))
        assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-4000:]
        runs += 1
        assert runs <= len(names)


def test_a_job_that_reads_a_damaged_artifact_says_the_command_that_mends_it(finished):
    """What a run prints, and that the command as printed is one that can be run."""
    folder, configuration, whole = finished
    name = next(name for name in whole if name.startswith("model/"))
    plan = make_plan(load(configuration))
    reader = next(r for r in plan.recipes.values() if any(i.folder == name for i in r.inputs) and r.folder in whole)
    content = {p: p.read_bytes() for p in (folder / "results/store" / name).iterdir()}
    flipped(folder / "results/store" / name / "best.safetensors")
    (folder / "results/store" / reader.folder / "manifest.json").unlink()
    done = run(folder, "workflow_scripts.jobs.realise", f"results/recipes/{reader.file_name}", "--threads", "1")
    (error,) = done.stderr.splitlines()
    assert f"results/store/{name} cannot be used (best.safetensors: its content has changed)" in error
    command = error.partition("): python -m ")[2].partition(" moves it away; then run snakemake again")[0]
    assert run(folder, *command.split()).returncode == 1 and not (folder / "results/store" / name).exists()
    (folder / "results/store" / name).mkdir()
    for path, each in content.items():
        path.write_bytes(each)
    assert run(folder, "workflow_scripts.jobs.realise", f"results/recipes/{reader.file_name}").returncode == 0
    assert payloads(folder) == whole
