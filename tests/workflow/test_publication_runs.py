"""Whatever a run is asked for, what lies under the asked name afterwards is that run's configuration's.

The store holds invented tables and figures of two configurations, so that runs of Snakemake itself have only to copy.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from tests.artifact_fixtures import CONFIGURATION, invented_manifest
from workflow_scripts.configuration.load import check
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.publication.publish import publish
from workflow_scripts.publication.records import record_path
from workflow_scripts.store.commit import commit, new_staging_folder, write_manifest

ROOT = Path(__file__).resolve().parents[2]
EPSILON = {"one": "8/255", "other": "16/255"}
TABLE, FIGURE = "results/tables/information_flow/table_2", "results/figures/information_flow/figure_3"
pytestmark = pytest.mark.workflow


def content(name):
    attacks = {**CONFIGURATION["attacks"], "fgsm": {"attack": "fgsm", "epsilon": EPSILON[name]}}
    return {**CONFIGURATION, "attacks": attacks}


PLANS = {name: make_plan(check(content(name))) for name in EPSILON}


@pytest.fixture(scope="module")
def stored(tmp_path_factory):
    """A folder with both configurations and a store of all their tables and figures."""
    folder = tmp_path_factory.mktemp("published")
    store = folder / "results/store"
    for name, plan in PLANS.items():
        (folder / f"{name}.yaml").write_text(yaml.safe_dump(content(name)))
        for publication in plan.publications:
            recipe = publication.recipe
            if (store / recipe.folder).exists():
                continue
            made = new_staging_folder(store, recipe)
            for suffix in publication.suffixes:
                (made / f"{publication.name}.{suffix}").write_text(f"{name} {publication.name} {suffix}\n")
            write_manifest(made, invented_manifest(recipe, made, {}))
            commit(made, store, recipe)
    return folder


@pytest.fixture
def folder(stored, tmp_path):
    shutil.copytree(stored, tmp_path, dirs_exist_ok=True)
    return tmp_path


def command(*words, configuration="one"):
    words = [*words, "--configfile", f"{configuration}.yaml"]
    start = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--cores", "2", "--nocolor"]
    return [*start, "--workflow-profile", str(ROOT / "profiles/default"), *words]


def run(folder, *words, configuration="one", status=0):
    """Run Snakemake; what it printed."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    options = {"cwd": folder, "env": environment, "capture_output": True, "text": True, "timeout": 600}
    done = subprocess.run(command(*words, configuration=configuration), **options)
    said = done.stdout + done.stderr
    assert done.returncode == status, said[-4000:]
    return said


def published(folder, name):
    """Publish everything of the configuration `name`, as jobs of an earlier run would have."""
    for planned in PLANS[name].publications:
        words = [str(record_path(Path("results"), planned)), f"results/store/{planned.recipe.folder}"]
        with pytest.MonkeyPatch.context() as patched:
            patched.chdir(folder)
            publish(Path(words[0]), Path(words[1]), Path("results"))


def copies(said):
    """How many publications the run copied."""
    return sum(
        map(int, re.findall(r"^publish_(?:table|figure|results_page) +(\d+)$", said.partition("total")[0], re.M))
    )


def belongs(folder, name, publication=None):
    """AssertionError unless the public files are those of the configuration `name`, of every publication or of one."""
    for planned in PLANS[name].publications:
        if publication not in (None, f"results/{planned.stem}"):
            continue
        artifact = folder / "results/store" / planned.recipe.folder
        for file in planned.files():
            assert (folder / file).read_bytes() == (artifact / Path(file).name).read_bytes(), file
        provenance = json.loads((folder / planned.files()[0]).with_suffix(".provenance.json").read_text())
        assert provenance["digest"] == planned.recipe.digest


def test_a_file_by_each_of_its_names_in_turn(folder):
    published(folder, "one")
    for suffix, configuration in (("tex", "other"), ("csv", "one"), ("provenance.json", "other"), ("md", "one")):
        assert copies(run(folder, f"{TABLE}.{suffix}", configuration=configuration)) == 1
        belongs(folder, configuration, TABLE)
    assert "Nothing to be done" in run(folder, f"{TABLE}.tex")


def test_a_file_with_a_value_on_the_command_line(folder):
    published(folder, "one")
    words = (f"{TABLE}.tex", "--config", f"attacks={{fgsm: {{attack: fgsm, epsilon: {EPSILON['other']}}}}}")
    assert copies(run(folder, *words)) == 1
    belongs(folder, "other", TABLE)


def test_a_figure_and_a_record(folder):
    published(folder, "one")
    run(folder, f"{FIGURE}.pdf", "results/published/tables/information_flow/table_2.json", configuration="other")
    belongs(folder, "other", FIGURE)
    belongs(folder, "other", TABLE)


def test_everything(folder):
    published(folder, "one")
    run(folder, "all", configuration="other")
    belongs(folder, "other")


def test_one_study(folder):
    """Its page shows another configuration, and stays until that configuration's is asked for."""
    published(folder, "one")
    run(folder, "information_flow", configuration="other")
    for planned in PLANS["other"].publications:
        belongs(folder, "one" if planned.is_page else "other", f"results/{planned.stem}")


def test_an_export_that_is_there_already(folder):
    published(folder, "one")
    run(folder, "export")
    published(folder, "other")
    said = run(folder, "export")
    belongs(folder, "one")
    assert copies(said) > 0 and "export" not in re.findall(r"^(\w+) +\d+$", said, re.M)
    assert len(list((folder / "results/export").iterdir())) == 1


def test_a_dry_run_says_what_a_run_would_copy_and_deletes_and_changes_nothing(folder):
    published(folder, "one")
    before = {path: path.read_bytes() for path in (folder / "results").rglob("*") if path.is_file()}
    differing = sum(p.recipe.folder not in PLANS["one"].recipes for p in PLANS["other"].publications)
    assert copies(run(folder, "all", "-n", configuration="other")) == differing > 0
    assert {path: path.read_bytes() for path in before} == before
    belongs(folder, "one")


def test_until_one_kind(folder):
    published(folder, "one")
    run(folder, "all", "--until", "publish_table", configuration="other")
    for planned in PLANS["other"].publications:
        name = "other" if planned.folder == "tables" else "one"
        belongs(folder, name, f"results/{planned.stem}")


def test_a_forced_rule(folder):
    published(folder, "one")
    assert copies(run(folder, f"{TABLE}.tex", "--forcerun", "publish_table", configuration="other")) == 1
    belongs(folder, "other", TABLE)


def test_an_edited_file_asked_for_by_another_ones_name(folder):
    """Also where Snakemake remembers the earlier request, or nothing at all."""
    published(folder, "one")
    for forget in (False, False, True):
        (folder / f"{TABLE}.csv").write_text("by hand")
        if forget:
            shutil.rmtree(folder / ".snakemake")
        assert copies(run(folder, f"{TABLE}.tex")) == 1
        belongs(folder, "one", TABLE)


def test_files_from_the_future(folder):
    published(folder, "one")
    for path in (folder / "results/tables").rglob("table_2.*"):
        os.utime(path, (4e9, 4e9))
    assert copies(run(folder, f"{TABLE}.tex", configuration="other")) == 1
    belongs(folder, "other", TABLE)


def test_touched_files_and_no_memory_cost_nothing(folder):
    published(folder, "one")
    for path in (folder / "results").rglob("*"):
        path.touch()
    assert "Nothing to be done" in run(folder, "all")


def test_touching_instead_of_making_is_no_publication(folder):
    published(folder, "one")
    said = run(folder, f"{TABLE}.tex", "--touch", configuration="other", status=1)
    assert f"{TABLE}: the public files are not those of other.yaml" in said
    belongs(folder, "one", TABLE)


def test_a_name_that_is_not_planned(folder):
    published(folder, "one")
    (folder / "results/tables/information_flow/table_99.tex").write_text("of another configuration")
    said = run(folder, "results/tables/information_flow/table_99.tex", status=1)
    assert "results/tables/information_flow/table_99: one.yaml plans no such table" in said
    assert "Traceback" not in said


def test_two_terminals_at_once(folder):
    """Each ends with its own files in place, or with an error that says why not; the next run puts all right."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    options = {"cwd": folder, "env": environment, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
    runs = {
        name: subprocess.Popen(command(f"{TABLE}.csv", "--nolock", configuration=name), **options) for name in EPSILON
    }
    said = {name: process.communicate(timeout=600)[0] for name, process in runs.items()}
    for name in (name for name in runs if runs[name].returncode):
        assert f"the public files are not those of {name}.yaml" in said[name], said[name]
    run(folder, f"{TABLE}.csv")
    belongs(folder, "one", TABLE)
