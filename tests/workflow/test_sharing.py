"""One store under several working folders at once, and a finished store as another one's upstream."""

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest
import yaml

from workflow_scripts.configuration.load import check
from workflow_scripts.jobs.realise import make, parse_arguments
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.store.__main__ import main as store
from workflow_scripts.store.artifact import Artifact
from workflow_scripts.store.commit import recipe_lock
from workflow_scripts.store.integrity import damage

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.workflow

CONFIGURATION = """
execution: {threads: 1, device: cpu}
datasets: {digits: {source: sklearn_digits, split: {train: 600, validation: 100, test: 100}}}
trainings: {short: {epochs: 1, learning_rate: 1/20}}
models: {small: {architecture: good_init, width: 1/8, dataset: digits, training: short}}
attacks:
  fgsm: {attack: fgsm, epsilon: 0.3}
  igsm: {attack: igsm, epsilon: 0.3, alpha: 0.1, steps: 3}
  pgd: {attack: pgd, epsilon: 0.3, alpha: 0.1, steps: 3}
"""


def configured(folder: Path, attacks: list[str], **store_keys) -> tuple[list[str], dict]:
    """Write a folder's configuration; returns the manifests of its test sets' attacks, and all recipes of those."""
    study = {"original": "small", "models": ["small"], "attacks": attacks, "path_attacks": attacks}
    study |= {"trajectory": {"attacks": ["fgsm"]}, "controls": []}
    content = yaml.safe_load(CONFIGURATION)
    content["studies"] = {"information_flow": {**study, "model_attacks": attacks, "images": 10, "profile_images": 10}}
    content["store"] = store_keys
    folder.mkdir()
    (folder / "config.yaml").write_text(yaml.safe_dump(content))
    plan = make_plan(check(content))
    wanted = [r for r in plan.recipes.values() if r.kind == "adversarial" and r.parameters["images"]["split"] == "test"]
    made = {r.folder: r for r in wanted}
    for recipe in wanted:
        made |= {i.folder: plan.recipes[i.folder] for i in recipe.inputs}
    return [f"{store_keys['root']}/{recipe.folder}/manifest.json" for recipe in wanted], made


def start(folder: Path, targets: list[str]) -> subprocess.Popen:
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2", "--nocolor"]
    command += ["--workflow-profile", str(ROOT / "profiles/default"), "--configfile", "config.yaml", "--", *targets]
    options = {"cwd": folder, "env": {**os.environ, "PYTHONPATH": str(ROOT)}, "text": True}
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)


def finish(*runs: subprocess.Popen) -> list[str]:
    outputs = [run.communicate(timeout=900)[0] for run in runs]
    assert [run.returncode for run in runs] == [0] * len(runs), "\n".join(output[-3000:] for output in outputs)
    return outputs


def logs(folder: Path) -> str:
    return "\n".join(path.read_text() for path in sorted((folder / "results/logs").rglob("*.log")))


def test_overlapping_runs_share_a_store_and_a_third_adopts_from_it(tmp_path, capsys):
    shared = tmp_path / "shared store"
    one, one_recipes = configured(tmp_path / "one", ["fgsm", "igsm"], root=str(shared))
    other, other_recipes = configured(tmp_path / "other", ["fgsm", "pgd"], root=str(shared))
    assert len(one_recipes.keys() & other_recipes.keys()) == 3
    finish(start(tmp_path / "one", one), start(tmp_path / "other", other))
    everything = one_recipes | other_recipes
    found = {f"{path.parent.parent.name}/{path.parent.name}" for path in shared.glob("[!.]*/*/manifest.json")}
    assert found == everything.keys()
    said = logs(tmp_path / "one") + logs(tmp_path / "other")
    assert "with another content" not in said and "Traceback" not in said
    assert not list(shared.glob(".making/*")) and not list(shared.glob(".trash/*"))
    assert store(["verify", "--full", "--store", str(shared)]) == 0
    assert capsys.readouterr().out == ""

    third, recipes = configured(tmp_path / "third", ["fgsm", "pgd"], root="mine", upstream=[str(shared)])
    before = {str(p): p.stat().st_mtime_ns for p in shared.rglob("*")}
    finish(start(tmp_path / "third", third))
    assert len(re.findall("adopted from .*, every byte checked", logs(tmp_path / "third"))) == len(recipes) == 4
    for folder in recipes:
        mine, theirs = (root / folder / "manifest.json" for root in (tmp_path / "third/mine", shared))
        assert mine.read_bytes() == theirs.read_bytes()
    assert store(["verify", "--full", "--store", str(tmp_path / "third/mine")]) == 0
    assert {str(p): p.stat().st_mtime_ns for p in shared.rglob("*")} == before


def test_a_job_that_ends_badly_leaves_what_another_one_made_meanwhile(tmp_path):
    folder, root = tmp_path / "one", tmp_path / "store"
    _, recipes = configured(folder, ["fgsm"], root=str(root))
    (dataset,) = (recipe for recipe in recipes.values() if recipe.kind == "dataset")
    log = folder / f"results/logs/{dataset.folder}.log"
    with recipe_lock(root, dataset):
        run = start(folder, [f"{root}/{dataset.folder}/manifest.json"])
        deadline = time.monotonic() + 300
        while not log.exists() or "is being made by another process: waiting" not in log.read_text():
            assert run.poll() is None and time.monotonic() < deadline
            time.sleep(0.1)
        words = ["recipe", "--store", str(root), "--scratch", str(tmp_path / "scratch"), "--threads", "1"]
        artifact = make(dataset, parse_arguments(words))
        descendants = psutil.Process(run.pid).children(recursive=True)
        waiting = [p for p in descendants if p.cmdline()[1:3] == ["-m", "workflow_scripts.jobs.start"]]
        assert len(waiting) == 1
        waiting[0].kill()
        output, _ = run.communicate(timeout=300)
    assert run.returncode == 1 and f"failed: {dataset.kind} {dataset.folder.partition('/')[2]}" in output
    assert damage(Artifact(artifact.path), full=True) == []
