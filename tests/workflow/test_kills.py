"""SIGKILL in the middle of a training, an attack and a publication, and of whole runs at random moments: the next run
completes, and nothing is damaged.

`KILLS=50 python -m pytest tests/workflow/test_kills.py` kills runs of all studies so many times; without it, a few.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.workflow import kills
from tests.workflow.undisturbed import compare, make_undisturbed
from workflow_scripts.configuration.load import load
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.publication.records import record_path
from workflow_scripts.recipes.recipe import write_recipe
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.integrity import damage

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.workflow

# Slow every step down and say that work has begun, so that the kill falls into the middle of it.
SLOWED = """
import sys, time
import workflow_scripts.{module} as stage
original = stage.{function}
def slowed(*args, **kwargs):
    result = original(*args, **kwargs)
    print("begun", flush=True)
    time.sleep(60)
    return result
stage.{function} = slowed
stage.CHECKPOINT_SECONDS = 0
from workflow_scripts.jobs.realise import main
sys.exit(main(sys.argv[1:]))
"""


def realise(folder, recipe, *, program=None):
    command = [sys.executable, *(["-c", program] if program else ["-m", "workflow_scripts.jobs.realise"])]
    command += [f"results/recipes/{recipe.file_name}", "--threads", "1"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        command, cwd=folder, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, env=environment, text=True
    )


def finish(folder, recipe):
    process = realise(folder, recipe)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return Artifact(folder / "results/store" / recipe.folder), output


def kill_in_the_middle(folder, recipe, place):
    process = realise(folder, recipe, program=SLOWED.format(module=place[0], function=place[1]))
    deadline = time.monotonic() + 120
    said = []
    for line in process.stdout:
        said.append(line)
        if "begun" in line or time.monotonic() > deadline:
            break
    assert said and "begun" in said[-1], said
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (folder / "results/store" / recipe.folder / "manifest.json").exists()


@pytest.fixture(scope="module")
def planned(tmp_path_factory):
    plan = make_plan(load(ROOT / "tests/workflow/tiny.yaml"))
    folders = [tmp_path_factory.mktemp(name) for name in ("undisturbed", "killed")]
    for folder in folders:
        for recipe in plan.recipes.values():
            write_recipe(recipe, folder / "results/recipes")
    return plan, *folders


def first(plan, kind):
    return next(recipe for recipe in plan.recipes.values() if recipe.kind == kind)


def test_killed_trainings_and_attacks_end_with_the_same_bytes(planned):
    plan, undisturbed, killed = planned
    adversarial = first(plan, "adversarial")
    needed = [r for r in plan.recipes.values() if r.digest in {i.digest for i in adversarial.inputs}]
    dataset = next(r for r in needed if r.kind == "dataset")
    model = next(r for r in needed if r.kind == "model")
    middle = {
        "dataset": ("jobs.stages.dataset", "write_part"),
        "model": ("jobs.training", "save_checkpoint"),
        "adversarial": ("jobs.stages.adversarial", "save_part"),
    }
    for recipe in (dataset, model, adversarial):
        whole, _ = finish(undisturbed, recipe)
        kill_in_the_middle(killed, recipe, middle[recipe.kind])
        mended, output = finish(killed, recipe)
        if recipe.kind == "model":
            assert "continuing good_init-s" in output
        assert mended.manifest["payload"] == whole.manifest["payload"]
        assert damage(mended, full=True) == []


def test_a_publication_killed_between_two_copies_is_done_again(planned):
    plan, undisturbed, _ = planned
    publication = next(p for p in plan.publications if p.name == "table_10")
    recipe = publication.recipe
    model = next(r for r in plan.recipes.values() if r.digest == recipe.inputs[0].digest)
    for needed in (next(r for r in plan.recipes.values() if r.kind == "dataset"), model, recipe):
        finish(undisturbed, needed)
    program = (
        "import sys, time, workflow_scripts.publication.publish as p\n"
        "original = p.copy_atomically\n"
        "def slowed(*a):\n    original(*a)\n    print('begun', flush=True)\n    time.sleep(60)\n"
        "p.copy_atomically = slowed\nsys.exit(p.main())\n"
    )
    record = record_path(Path("results"), publication)
    words = [str(record), f"results/store/{recipe.folder}"]
    options = {"cwd": undisturbed, "env": {**os.environ, "PYTHONPATH": str(ROOT)}, "text": True}
    process = subprocess.Popen([sys.executable, "-c", program, *words], stdout=subprocess.PIPE, **options)
    assert "begun" in process.stdout.readline()
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert not (undisturbed / record).exists()
    subprocess.run([sys.executable, "-m", "workflow_scripts.publication.publish", *words], check=True, **options)
    artifact = Artifact(undisturbed / "results/store" / recipe.folder)
    for name in artifact.manifest["payload"]:
        public = undisturbed / "results/tables/information_flow" / name
        assert public.read_bytes() == (artifact.path / name).read_bytes()


def test_runs_killed_at_random_moments_end_with_the_same_bytes(tmp_path):
    killing = kills.Killing(tmp_path / "killed", ROOT / "tests/workflow/tiny.yaml", seed=7, names=["figure_3"])
    record = killing.kill(6)
    make_undisturbed(tmp_path / "undisturbed", killing.configuration, [p.recipe.folder for p in killing.chosen])
    assert compare(killing.folder, killing.plan, killing.chosen, tmp_path / "undisturbed")["artifacts"] >= 7
    assert len(record.kills) == 6 and sum(record.by_kind().values()) >= 6


@pytest.mark.skipif("KILLS" not in os.environ, reason="minutes a kill on a small machine: set KILLS to their number")
def test_runs_of_every_study_survive_many_kills(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "argv", ["kills", str(tmp_path), "--kills", os.environ["KILLS"]])
    assert kills.main() == 0
    assert f"{os.environ['KILLS']} kills, all survived" in capsys.readouterr().out
