"""Snakemake itself: every shipped configuration plans, and a tiny run goes from data to published files."""

import base64
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from workflow_scripts.configuration.load import load
from workflow_scripts.planning.resources.estimate import Estimates
from workflow_scripts.planning.resources.machine import Machine, memory_mb
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.kinds import KINDS
from workflow_scripts.recipes.recipe import from_content

ROOT = Path(__file__).resolve().parents[2]
TINY = ROOT / "tests" / "workflow" / "tiny.yaml"
pytestmark = pytest.mark.workflow


def snakemake(folder, *words, configuration=TINY, check=True, snakefile=ROOT / "Snakefile"):
    """Run Snakemake in `folder`; returns what it printed."""
    command = [sys.executable, "-m", "snakemake", "--snakefile", str(snakefile), "--cores", "2"]
    command += ["--workflow-profile", str(ROOT / "profiles/default"), "--nocolor", *words]
    if configuration is not None:
        command += ["--configfile", str(configuration)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, env=environment, timeout=1200)
    if check and done.returncode:
        raise AssertionError(done.stdout[-3000:] + done.stderr[-6000:])
    return done.stdout + done.stderr


def jobs(text):
    """Rule → number of jobs, from a dry run's or a run's statistics; publications are counted together."""
    counts = {}
    for name, count in re.findall(r"^(\w+) +(\d+)$", text.partition("Job stats:")[2].partition("total")[0], re.M):
        key = "publish" if name.startswith("publish_") else name
        counts[key] = counts.get(key, 0) + int(count)
    counts.pop("all", None)
    return counts


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """A folder in which the tiny configuration has been run to the end; it has results/ already, as a checkout has."""
    folder = tmp_path_factory.mktemp("run")
    (folder / "results").mkdir()
    snakemake(folder)
    return folder


def changed(folder, name, edit):
    content = yaml.safe_load(TINY.read_text())
    edit(content)
    path = folder / f"{name}.yaml"
    path.write_text(yaml.safe_dump(content))
    return path


def checkout(folder):
    """Copy what a run needs of this checkout; the copied Snakefile."""
    for name in ("Snakefile", "rules", "envs", "config", "workflow_scripts"):
        copy = shutil.copytree if (ROOT / name).is_dir() else shutil.copyfile
        copy(ROOT / name, folder / name)
    return folder / "Snakefile"


@pytest.mark.parametrize("name", ["config.yaml", "cifar10.yaml", "tiny_imagenet.yaml", "paper.yaml"])
def test_every_shipped_configuration_plans(name, tmp_path):
    batches = tmp_path / "data" / "cifar-10-batches-bin"
    batches.mkdir(parents=True)
    for batch in (*(f"data_batch_{k}.bin" for k in range(1, 6)), "test_batch.bin"):
        (batches / batch).touch()
    for folder in ("tiny-imagenet-50", "tiny-imagenet-200"):
        for file in ("val/val_annotations.txt", "wnids.txt", "train/n01443537/images/n01443537_0.JPEG"):
            path = tmp_path / "data" / folder / file
            path.parent.mkdir(parents=True, exist_ok=True)
            path.touch()
    counts = jobs(snakemake(tmp_path, "--dry-run", configuration=ROOT / "config" / name))
    assert counts["publish"] >= 8
    assert counts["model"] >= 1


def test_the_slurm_profile_resolves(tmp_path):
    shutil.copytree(ROOT / "slurm", tmp_path / "slurm")
    text = snakemake(tmp_path, "--dry-run", "--profile", "slurm")
    assert "Using profiles slurm" in text


def test_the_list_of_rules_says_what_each_makes(tmp_path):
    listed = snakemake(tmp_path, "--list").splitlines()
    assert {f"{kind} ({facts.what})" for kind, facts in KINDS.items()} <= set(listed)
    assert len(listed) < len(KINDS) + 10


def test_everything_is_published_with_its_provenance(finished):
    for table in ("table_2", "table_3", "table_7", "table_8", "table_10"):
        for suffix in ("csv", "tex", "md", "html", "provenance.json"):
            assert (finished / f"results/tables/information_flow/{table}.{suffix}").stat().st_size > 0
    for figure in ("figure_1", "figure_3", "figure_4", "learning_curve_good_init"):
        for suffix in ("pdf", "png", "csv", "provenance.json"):
            assert (finished / f"results/figures/information_flow/{figure}.{suffix}").stat().st_size > 0
    provenance = json.loads((finished / "results/tables/information_flow/table_2.provenance.json").read_text())
    assert all((finished / "results/store" / i["kind"]).is_dir() for i in provenance["inputs"])


def test_a_run_of_everything_has_its_page(finished):
    page = (finished / "results/index.html").read_text()
    linked = set(re.findall(r'(?:src|href)="(page/[^"]+)"', page))
    assert all((finished / "results" / name).stat().st_size > 0 for name in linked)
    for publication in make_plan(load(TINY)).publications:
        assert publication.is_page or f"page/{publication.stem}.csv" in linked


def test_snakemakes_own_report_has_its_command(finished):
    words = [
        "-m",
        "workflow_scripts.publication.report",
        "--snakefile",
        str(ROOT / "Snakefile"),
        "--configfile",
        str(TINY),
    ]
    options = {"cwd": finished, "capture_output": True, "text": True, "env": {**os.environ, "PYTHONPATH": str(ROOT)}}
    done = subprocess.run([sys.executable, *words], timeout=600, **options)
    assert done.returncode == 0, done.stderr
    report = (finished / "results/report.html").read_text()
    names = [publication.name for publication in make_plan(load(TINY)).publications if not publication.is_page]
    assert all(f"{name}." in report for name in names)
    assert not list(finished.glob("results/.*-report.html"))


def test_jobs_ask_for_the_memory_that_they_take_and_not_for_much_more(finished):
    """Every artifact's peak, as its manifest says, against what its rule asked for in that run."""
    asked, taken = {}, {}
    for path in (finished / "results/store").glob("*/*/manifest.json"):
        manifest = json.loads(path.read_text())
        recipe = from_content(manifest["recipe"], manifest["label"])
        asked[recipe.folder], taken[recipe.folder] = recipe, manifest["run"]["peak_memory_mb"]
    estimates = Estimates(lambda item: asked[item.folder])
    for folder, recipe in asked.items():
        wanted = memory_mb(estimates.cost(recipe), Machine(gpu=False, threads=1))
        assert taken[folder] < wanted, folder
        assert wanted < (1500 if KINDS[recipe.kind].brief else 3 * taken[folder]), folder


def test_a_second_run_does_nothing_even_without_snakemakes_memory(finished):
    assert "Nothing to be done" in snakemake(finished)
    shutil.rmtree(finished / ".snakemake")
    for path in (finished / "results/store").rglob("*"):
        path.touch()
    assert "Nothing to be done" in snakemake(finished)


def test_a_changed_epsilon_remakes_what_it_reaches_and_going_back_only_publishes(finished):
    other = changed(finished, "epsilon", lambda c: c["attacks"]["fgsm"].update(epsilon=0.2))
    expected = {
        "adversarial": 6,
        "features": 4,
        "information": 4,
        "information_streaming": 4,
        "path_sensitivity": 1,
        "aggregate": 8,
        "table": 12,
        "figure": 10,
        "results_page": 1,
        "publish": 23,
    }
    said = snakemake(finished, "--dry-run", configuration=other)
    assert jobs(said) == expected
    assert "50 of 141 artifacts are not in the store:" in said and ": attacks.fgsm.epsilon: 3/10 → 1/5\n" in said
    table = finished / "results/tables/information_flow/table_2.csv"
    before = table.read_bytes()
    snakemake(finished, configuration=other)
    assert table.read_bytes() != before
    assert jobs(snakemake(finished, "--dry-run")) == {"publish": 23}
    snakemake(finished)
    assert table.read_bytes() == before


def test_an_edited_or_missing_public_file_is_published_again(finished):
    table = finished / "results/tables/information_flow/table_7.csv"
    content = table.read_bytes()
    table.write_text("edited by hand")
    assert jobs(snakemake(finished)) == {"publish": 1}
    assert table.read_bytes() == content
    table.unlink()
    assert jobs(snakemake(finished)) == {"publish": 1}
    assert table.read_bytes() == content


def test_what_snakemake_takes_for_unfinished_is_left_alone_and_the_run_goes_on(finished):
    """Its mark stays where it was killed alone and the job ended; the mark's job must not be all that a run does."""
    (dataset,) = (finished / "results/store/dataset").glob("*/manifest.json")
    name = dataset.relative_to(finished).as_posix()
    mark = finished / ".snakemake/incomplete" / base64.b64encode(name.encode()).decode()
    mark.parent.mkdir(exist_ok=True)
    mark.touch()
    assert "IncompleteFilesException" in snakemake(finished, "--dry-run", "--workflow-profile", "none", check=False)
    table = finished / "results/tables/information_flow/table_7.csv"
    table.unlink()
    assert jobs(snakemake(finished)) == {"publish": 1} and table.exists()
    mark.unlink()


def test_a_checkout_elsewhere_makes_nothing_and_an_edited_figure_that_figure(finished, tmp_path):
    elsewhere = {"snakefile": checkout(tmp_path)}
    for module in ("attacks/fgsm.py", "training/loop.py", "rendering/figures/aggregated_paths.py"):
        path = tmp_path / "workflow_scripts" / module
        path.write_text(f"# a comment\n{path.read_text()}")
    assert "Nothing to be done" in snakemake(finished, **elsewhere)
    path.write_text(f"{path.read_text()}\n\nEDITED = True\n")
    said = snakemake(finished, **elsewhere)
    assert jobs(said) == {"figure": 14, "results_page": 1, "publish": 15}
    assert said.count("14 figure, 1 results_page: code changed: rendering.figures.aggregated_paths\n") == 1
    assert jobs(snakemake(finished)) == {"publish": 15}


def test_an_artifact_in_place_outlives_the_death_of_its_job(tmp_path):
    """Snakemake takes the outputs of a failed job away, unless it is told that they are whole or not there."""
    run, copied = tmp_path / "run", tmp_path / "copied"
    run.mkdir(), copied.mkdir()
    snakefile = checkout(copied)
    snakemake(run, "--dry-run")
    (recipe,) = (run / "results/recipes/dataset").glob("*.json")
    target = f"results/store/dataset/{recipe.stem}/manifest.json"
    module = copied / "workflow_scripts/jobs/realise.py"
    dying = module.read_text().replace('    print(f"{artifact.path}: complete")\n', "    os.kill(os.getpid(), 9)\n")
    assert dying != module.read_text()
    module.write_text(dying)
    words = ("--configfile", str(TINY), "--", target)
    said = snakemake(run, *words, configuration=None, snakefile=snakefile, check=False)
    assert "At least one job did not complete successfully" in said and (run / target).exists()
    assert "Nothing to be done" in snakemake(run, *words, configuration=None)


def test_export_holds_every_public_file(finished):
    snakemake(finished, "export")
    import zipfile

    (archive,) = (finished / "results/export").glob("*.zip")
    names = set(zipfile.ZipFile(archive).namelist())
    assert {"tables/information_flow/table_2.tex", "figures/information_flow/figure_4.provenance.json"} <= names
    assert {"index.html", "page/page.css", "page/pairs/0.webp"} <= names


def test_a_mistake_in_the_configuration_is_one_line(tmp_path):
    wrong = changed(tmp_path, "wrong", lambda c: c["attacks"]["fgsm"].update(epsilom=0.2))
    text = snakemake(tmp_path, "--dry-run", configuration=wrong, check=False)
    assert "attacks.fgsm.epsilom: unknown key; did you mean 'epsilon'?" in text
    assert "Traceback" not in text
