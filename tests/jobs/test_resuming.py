"""A training that a cluster stops at its time limit (SIGTERM) continues from its checkpoint in the next attempt."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

from workflow_scripts.configuration.load import load
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.recipe import write_recipe

ROOT = Path(__file__).resolve().parents[2]
# As `python -m workflow_scripts.jobs.realise`, with a checkpoint after every step, where it waits to be stopped.
STOPPED = """
import runpy, sys, time
from workflow_scripts.jobs import training
save = training.save_checkpoint
def saved(*args):
    save(*args)
    print("saved", flush=True)
    time.sleep(600)
training.save_checkpoint, training.CHECKPOINT_SECONDS = saved, 0
runpy.run_module("workflow_scripts.jobs.realise", run_name="__main__", alter_sys=True)
"""


def started(folder: Path, recipe: Path, *words: str) -> subprocess.Popen:
    command, environment = [sys.executable, *words, str(recipe), "--threads", "1"], {"PYTHONPATH": str(ROOT)}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    return subprocess.Popen(command, cwd=folder, env={**os.environ, **environment}, **pipes)


def test_a_stopped_training_continues(tmp_path: Path):
    plan = make_plan(load(ROOT / "tests/workflow/tiny.yaml"))
    model = next(recipe for recipe in plan.recipes.values() if recipe.kind == "model")
    dataset = next(recipe for recipe in plan.recipes.values() if recipe.kind == "dataset")
    paths = [write_recipe(recipe, tmp_path / "results/recipes") for recipe in (dataset, model)]
    assert started(tmp_path, paths[0], "-m", "workflow_scripts.jobs.realise").wait(timeout=900) == 0
    stopped = started(tmp_path, paths[1], "-c", STOPPED)
    assert any("saved" in line for line in stopped.stdout)
    stopped.send_signal(signal.SIGTERM)
    assert stopped.wait(timeout=900) == 128 + signal.SIGTERM
    manifest = tmp_path / "results/store" / model.folder / "manifest.json"
    assert not manifest.exists()
    again = started(tmp_path, paths[1], "-m", "workflow_scripts.jobs.realise")
    output, _ = again.communicate(timeout=900)
    assert again.returncode == 0 and "continuing good_init-s0 at epoch 1, step 1" in output, output
    assert manifest.exists()
