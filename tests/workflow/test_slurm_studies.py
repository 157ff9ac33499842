"""Every study at its smallest size on a Slurm of two nodes: a few tables and figures that need every kind of job.

`SLURM=studies python -m pytest tests/workflow/test_slurm_studies.py` takes a quarter of an hour; without it, it is
skipped. `SLURM=whole` makes all tables and figures.
"""

import os
import shutil
from collections import Counter
from pathlib import Path

import pytest

from tests.workflow.slurm.cluster import ROOT, Run, cluster, shown
from tests.workflow.slurm.records import check, slurm_jobs, submissions
from tests.workflow.undisturbed import covering, needed_for
from workflow_scripts.configuration.load import load
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.store.__main__ import main as store

pytestmark = [
    pytest.mark.workflow,
    pytest.mark.skipif("SLURM" not in os.environ, reason="a quarter of an hour: set SLURM=studies (or whole)"),
]


@pytest.fixture(scope="module")
def environment():
    with cluster() as path:
        yield path


@pytest.mark.parametrize("name", ["tiny.yaml", "local_properties.yaml", "signatures.yaml"])
def test_a_study_runs_on_slurm(environment, tmp_path, capsys, name):
    configuration = Path(__file__).parent / name
    plan = make_plan(load(configuration))
    names = [p.name for p in plan.publications] if os.environ["SLURM"] == "whole" else covering(plan)
    chosen = [publication for publication in plan.publications if publication.name in names]
    wanted = needed_for(plan, chosen)
    shutil.copytree(ROOT / "profiles/slurm", tmp_path / "slurm")
    with Run(tmp_path, environment, configuration, *(publication.files()[0] for publication in chosen)) as run:
        run.to_its_end(7200)

    submitted = submissions(run.output)
    kinds = Counter(job.rule for submission in submitted for job in submission.jobs)
    records = slurm_jobs(shown("scontrol show job --oneliner", tmp_path, environment))
    assert {f"{job.rule}/{job.artifact}" for submission in submitted for job in submission.jobs} == wanted
    assert kinds == Counter(folder.partition("/")[0] for folder in wanted)
    assert kinds.keys() == {recipe.kind for recipe in plan.recipes.values()}
    for submission in submitted:
        check(submission, records[submission.number])
        assert records[submission.number]["JobState"] == "COMPLETED"
    for publication in chosen:
        assert all((tmp_path / file).stat().st_size > 0 for file in publication.files())
    assert store(["verify", "--full", "--store", str(tmp_path / "results/store")]) == 0
    with capsys.disabled():
        print(f"\n{name}: {kinds.total()} jobs of {len(kinds)} kinds in {len(submitted)} Slurm jobs: {dict(kinds)}")
