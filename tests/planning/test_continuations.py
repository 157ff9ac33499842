"""How often jobs are submitted again where a cluster's limit ends them."""

from pathlib import Path

from workflow_scripts.configuration.load import load
from workflow_scripts.planning.resources.machine import Machine
from workflow_scripts.planning.snakemake import PlannedRun
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.recipes.kinds import KINDS


def test_the_longest_job_of_a_kind_is_continued_until_it_is_done():
    configuration = load(Path("config/paper.yaml"))
    plan = make_plan(configuration, contents=dict.fromkeys(configuration.datasets, "not read"))
    run = PlannedRun(plan, "store", "", 0, "auto", "config/paper.yaml")
    hours = {kind: run.hours_of(kind, Machine(True, 4)) for kind in KINDS}
    assert max(hours.values()) > 8 and hours["aggregate"] < 1
    for limit in (1.0, 4.0, 1000.0):
        for kind in KINDS:
            again = run.continuations(kind, Machine(True, 4, limit))
            assert again * limit < max(hours[kind], limit / 2) <= (again + 1) * limit
    assert all(run.continuations(kind, Machine(True, 4)) == 0 for kind in KINDS)
