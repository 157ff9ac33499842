"""A real Slurm: the workflow through `snakemake --profile slurm` on two nodes, one with GPUs that are none.

One run for all tests, as each Slurm job costs seconds. Its Snakemake is killed while a training is under way, so that
the next one submits what still runs a second time; its attack is first given less memory than it needs, and another
job less time.
"""

import os
import re
import signal
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch
import yaml

from tests.workflow.slurm.cluster import Run, cluster, shown
from tests.workflow.slurm.records import Submission, check, minutes, slurm_jobs, submissions, without_logs
from workflow_scripts.configuration.load import load
from workflow_scripts.planning.plan import Plan
from workflow_scripts.planning.studies import make_plan
from workflow_scripts.store.__main__ import main as store
from workflow_scripts.store.artifact import Artifact

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent / "slurm"
CONFIGURATION = HERE / "run.yaml"
WITH_GPU = {"model", "adversarial", "trajectory", "features", "information_streaming", "path_sensitivity"}
GROUPED = {"information_streaming": "streams", "aggregate": "aggregates", "table": "tables", "figure": "figures"}
"""Rule → the group of its jobs, as the profile names it."""
GROUP_SIZE = 6
TOO_SMALL = 200  # MB: Snakemake in its job takes most of it, PyTorch alone more
pytestmark = pytest.mark.workflow


@dataclass(frozen=True)
class Finished:
    """The working folder of a finished run, its plan, and what Snakemake and Slurm say of it."""

    folder: Path
    plan: Plan
    killed: list[Submission]  # by the Snakemake that was killed
    listed: list[str]  # numbers of the jobs that the manual's command would have cancelled then
    submitted: list[Submission]  # by the next one
    output: str  # of that
    slurm: dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def environment():
    with cluster() as path:
        yield path


@pytest.fixture(scope="module")
def finished(environment, tmp_path_factory):
    folder = tmp_path_factory.mktemp("slurm run")  # a space in every path
    profile = yaml.safe_load((ROOT / "profiles/slurm/config.yaml").read_text())
    profile["set-resources"].append(f"adversarial:mem_mb={TOO_SMALL} if attempt == 1 else 3000")
    profile["set-resources"].append("trajectory:runtime=1 if attempt == 1 else 20")
    profile["set-threads"] = ["model=2"]
    (folder / "slurm").mkdir()
    (folder / "slurm/config.yaml").write_text(yaml.safe_dump(profile))
    plan = make_plan(load(CONFIGURATION))
    (model,) = (recipe for recipe in plan.recipes.values() if recipe.kind == "model")
    (trajectory,) = (recipe for recipe in plan.recipes.values() if recipe.kind == "trajectory")

    with Run(folder, environment, CONFIGURATION) as first:
        trainer = stopped(first, folder, model)  # still training when the next run comes to it
    listed = shown(folders_jobs(), folder, environment)
    with Run(folder, environment, CONFIGURATION, "--unlock") as unlocking:
        unlocking.to_its_end()
    with Run(folder, environment, CONFIGURATION) as second:
        log = folder / f"results/logs/{model.folder}.log"
        second.until(lambda: "is being made by another process: waiting" in so_far(log))
        os.kill(trainer, signal.SIGCONT)
        stopped(second, folder, trajectory)  # until its minute is over
        second.to_its_end()
    slurm = slurm_jobs(shown("scontrol show job --oneliner", folder, environment))
    runs = (submissions(first.output), listed.split(), submissions(second.output), second.output)
    return Finished(folder, plan, *runs, slurm)


def stopped(run, folder, recipe):
    """The number of the process that makes the recipe, once there is one, stopped."""
    (making,) = run.until(lambda: list(folder.glob(f"results/store/.making/{recipe.digest[:12]}-*")))
    number = int(making.name.split("-")[-2])
    os.kill(number, signal.SIGSTOP)
    return number


def so_far(log):
    """The log's text; none while Snakemake, which takes the killed run's log away, has not begun the job."""
    with suppress(FileNotFoundError):
        return log.read_text()
    return ""


def folders_jobs():
    """The guide's command that cancels a folder's jobs, up to where it has listed them."""
    (line,) = re.findall(r"^(squeue .*) \| xargs -r scancel$", (ROOT / "docs/how-to/cluster.md").read_text(), re.M)
    return line


def test_every_job_is_a_slurm_job_and_ends(finished):
    done = [job for submission in finished.submitted for job in submission.jobs]
    planned = {recipe.folder for recipe in finished.plan.recipes.values()}
    assert {f"{job.rule}/{job.artifact}" for job in done} == planned - before(finished)
    assert finished.slurm.keys() == {submission.number for submission in [*finished.killed, *finished.submitted]}
    here = set(re.findall(r"^local(?:rule|checkpoint) (\w+):", without_logs(finished.output), re.M))
    assert here == {"all"} | {f"publish_{p.recipe.kind}" for p in finished.plan.publications}
    for publication in finished.plan.publications:
        assert all((finished.folder / file).stat().st_size > 0 for file in publication.files())
    states = Counter(record["JobState"] for record in finished.slurm.values())
    assert states == {"COMPLETED": len(finished.slurm) - 2, "FAILED": 1, "TIMEOUT": 1}  # too little memory, time


def before(finished):
    """What the killed run had finished."""
    return {f"{job.rule}/{job.artifact}" for s in finished.killed for job in s.jobs if job.rule == "dataset"}


def test_slurm_knows_what_the_rules_declare(finished):
    for submission in [*finished.killed, *finished.submitted]:
        check(submission, finished.slurm[submission.number])
    (training,) = (finished.slurm[s.number] for s in finished.submitted if s.jobs[0].rule == "model")
    assert training["NumCPUs"] == "2"


def test_jobs_that_compute_with_pytorch_declare_a_gpu_and_no_others_do(finished):
    jobs = [job for submission in [*finished.killed, *finished.submitted] for job in submission.jobs]
    assert {job.rule for job in jobs if job.resources.get("gpu")} == WITH_GPU
    assert {job.rule for job in jobs if not job.resources.get("gpu")}.isdisjoint(WITH_GPU)
    # Where there is no GPU behind the declared one, `device: auto` computes on the processor.
    (artifact,) = finished.folder.glob("results/store/adversarial/*")
    assert Artifact(artifact).manifest["run"]["device"] == ("cuda" if torch.cuda.is_available() else "cpu")


def test_small_jobs_share_slurm_jobs(finished):
    for rule in GROUPED:
        numbers = [s.number for s in finished.submitted for job in s.jobs if job.rule == rule]
        assert len(set(numbers)) == -(-len(numbers) // GROUP_SIZE)
    assert all(len(s.jobs) == 1 for s in finished.submitted if s.jobs[0].rule not in GROUPED)


def test_a_job_that_exceeds_its_memory_is_tried_again_with_more(finished):
    first, again = (s for s in finished.submitted if s.jobs[0].rule == "adversarial")
    assert [s.jobs[0].resources["mem_mb"] for s in (first, again)] == [TOO_SMALL, 3000]
    assert finished.slurm[first.number]["JobState"] == "FAILED"
    assert "exceeded memory limit" in first.log.read_text()
    assert finished.slurm[again.number]["JobState"] == "COMPLETED"


def test_a_job_that_exceeds_its_time_is_tried_again_with_more(finished):
    first, again = (s for s in finished.submitted if s.jobs[0].rule == "trajectory")
    limits = [minutes(finished.slurm[s.number]["TimeLimit"]) for s in (first, again)]
    states = [finished.slurm[s.number]["JobState"] for s in (first, again)]
    assert (limits, states) == ([1, 20], ["TIMEOUT", "COMPLETED"])


def test_logs_are_where_the_manual_says(finished):
    for submission in finished.submitted:
        kind = submission.jobs[0].rule
        name = f"rule_{kind}/{submission.jobs[0].artifact}"
        if kind in GROUPED:
            name = f"group_{GROUPED[kind]}_{kind}"
        assert submission.log == finished.folder / f".snakemake/slurm_logs/{name}/{submission.number}.log"
        assert finished.slurm[submission.number]["StdOut"] == str(submission.log)
        for job in submission.jobs:
            log = finished.folder / f"results/logs/{job.rule}/{job.artifact}.log"
            assert f"{job.rule}/{job.artifact}: complete" in log.read_text()


def test_a_job_that_outlives_its_snakemake_and_its_second_submission_make_one_artifact(finished, capsys):
    survivor, duplicate = (
        next(s for s in run if s.jobs[0].rule == "model") for run in (finished.killed, finished.submitted)
    )
    assert finished.listed == [survivor.number]
    assert survivor.jobs[0].artifact == duplicate.jobs[0].artifact
    name = f"model/{duplicate.jobs[0].artifact}"
    log = (finished.folder / f"results/logs/{name}.log").read_text()
    assert log.splitlines() == [
        "train small, seed 0",
        f"{name} is being made by another process: waiting",
        f"results/store/{name}: complete",
    ]
    assert len(list(finished.folder.glob("results/store/model/*"))) == 1
    assert not list(finished.folder.glob("results/store/.making/*"))
    assert not list(finished.folder.glob("results/store/.trash/*"))
    assert store(["verify", "--full", "--store", str(finished.folder / "results/store")]) == 0
    assert capsys.readouterr().out == ""
