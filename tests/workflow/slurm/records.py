"""What Snakemake says that it submitted, and what Slurm says that it ran."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Job:
    """One job as Snakemake announces it: its rule, artifact, threads and resources (numbers as numbers)."""

    rule: str
    artifact: str
    threads: int
    resources: dict[str, int | str]


@dataclass(frozen=True)
class Submission:
    """One Slurm job: its number, Slurm's log of it, and the jobs that it was told to do (several where grouped)."""

    number: str
    log: Path
    jobs: list[Job]


def without_logs(output: str) -> str:
    """What one run of Snakemake printed of itself, without the failed jobs' logs that it shows between two rules."""
    return re.sub(r"^Logfile .*:\n(=+\n).*?\n={20,}\n", "", output, flags=re.M | re.S)


def submissions(output: str) -> list[Submission]:
    """All that one run of Snakemake submitted, from what it printed and from the logs of the Slurm jobs, in order.

    KeyError where a Slurm job does what was never announced; one that never began has no jobs.
    """
    announced: dict[tuple[str, str], Job] = {}
    found = []
    for block in re.split(r"\n(?= *(?:local)?rule \w+:|Job \S+ has been submitted)", output):
        if re.match(" *rule ", block):
            job = _announced(block)
            announced[job.rule, job.artifact] = job
        elif sent := re.match(r"Job \S+ has been submitted with SLURM jobid (\d+) \(log: (.+)\)\.", block):
            log = Path(sent[2])
            found.append(Submission(sent[1], log, [announced[name] for name in _told(log)]))
    return found


def _announced(block: str) -> Job:
    values = dict(re.findall(r"^ +(\w+): (.*)$", block, re.M))
    resources = dict(re.findall(r"(\w+)=([^,]+)", values["resources"]))
    return Job(
        rule=re.match(r" *rule (\w+):", block)[1],
        artifact=values["wildcards"].removeprefix("artifact="),
        threads=int(values.get("threads", 1)),
        resources={name: int(value) if value.isdigit() else value for name, value in resources.items()},
    )


def _told(log: Path) -> list[tuple[str, str]]:
    """Rule and artifact of each job that the Snakemake within a Slurm job was told to do."""
    if not log.exists():
        return []
    command = re.search("^  Command: .* --target-jobs (.*?) --", log.read_text(), re.M)[1]
    return re.findall(r"(\w+):artifact=(\S+)", command)


def slurm_jobs(text: str) -> dict[str, dict[str, str]]:
    """Number → fields of every job in what `scontrol show job --oneliner` prints."""
    words = (re.split(r" +(?=[A-Z][\w/:]*=)", line.strip()) for line in text.splitlines())
    jobs = [dict(word.partition("=")[::2] for word in line) for line in words]
    return {job["JobId"]: job for job in jobs if "JobId" in job}


def check(submission: Submission, record: dict[str, str]) -> None:
    """AssertionError unless Slurm knows exactly what the jobs of one submission declare; one after another, they need
    the most of each resource and the sum of their times."""
    jobs = submission.jobs
    assert int(record["NumCPUs"]) == max(job.threads for job in jobs)
    assert megabytes(record["MinMemoryNode"]) == max(job.resources["mem_mb"] for job in jobs)
    assert minutes(record["TimeLimit"]) == sum(job.resources["runtime"] for job in jobs)
    assert record["Partition"] == "main"
    gpus = {job.resources.get("gpu", 0) for job in jobs}
    assert gpus in ({0}, {1})
    if gpus == {1}:
        assert (record["NodeList"], record["TresPerJob"]) == ("gpunode", "gres:gpu:1")
    else:
        assert "TresPerJob" not in record


def minutes(text: str) -> int:
    """Slurm's time limit (1-02:30:00) in minutes."""
    days, hours, rest = re.fullmatch(r"(?:(\d+)-)?(\d+):(\d\d):\d\d", text).groups()
    return int(days or 0) * 1440 + int(hours) * 60 + int(rest)


def megabytes(text: str) -> float:
    """Slurm's memory (3000M, 2.50G) in its megabytes."""
    return float(text[:-1]) * {"M": 1, "G": 1024}[text[-1]]
