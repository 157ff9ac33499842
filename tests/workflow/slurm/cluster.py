"""A Slurm of two nodes for as long as tests need it, and Snakemake at work on it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[2]
SECONDS = 1200  # no step of a run takes longer, on a busy machine either


@contextmanager
def cluster() -> Iterator[dict[str, str]]:
    """The environment of a cluster that lasts as long as the `with` block; the test is skipped where none can be."""
    if os.geteuid() != 0:
        pytest.skip("Slurm's daemons need root")
    if shutil.which("slurmctld", path=f"{os.environ['PATH']}:/usr/sbin") is None:
        pytest.skip("Slurm is not installed (with root on Debian, tests/workflow/slurm/install.sh does that)")
    words = [str(HERE / "cluster.sh"), "sh", "-c", 'echo "$PATH"; exec cat']  # up until this pipe closes, whyever
    claimed = {"CPUS": "4", "MEMORY_MB": "16000"}
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    with subprocess.Popen(words, env=os.environ | claimed, **pipes) as daemons:
        path = daemons.stdout.readline().strip()
        assert path, "the cluster did not come up; its daemons' last words are above"
        try:
            yield {**os.environ, "PATH": path, "PYTHONPATH": str(ROOT)}
        finally:
            daemons.stdin.close()


class Run:
    """Snakemake at work in a folder, for as long as a `with` block lasts."""

    def __init__(self, folder: Path, environment: dict[str, str], configuration: Path, *words: str):
        command = [sys.executable, "-m", "snakemake", "--snakefile", str(ROOT / "Snakefile"), "--profile", "slurm"]
        command += ["--nocolor", "--printshellcmds", *words, "--configfile", str(configuration)]
        self.file = folder / f"run {time.monotonic_ns()}.out"
        with self.file.open("w") as out:
            self.process = subprocess.Popen(command, cwd=folder, env=environment, stdout=out, stderr=subprocess.STDOUT)

    def __enter__(self) -> Run:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()

    @property
    def output(self) -> str:
        return self.file.read_text()

    def until(self, condition: Callable[[], Any]) -> Any:
        """The first true value of `condition()` while Snakemake runs."""
        deadline = time.monotonic() + SECONDS
        while not (found := condition()):
            assert self.process.poll() is None and time.monotonic() < deadline, self.output[-5000:]
            time.sleep(0.05)
        return found

    def to_its_end(self, seconds: float = SECONDS) -> None:
        assert self.process.wait(seconds) == 0, self.output[-5000:]


def shown(command: str, folder: Path, environment: dict[str, str]) -> str:
    """What a shell command prints on the cluster."""
    options = {"cwd": folder, "env": environment, "capture_output": True, "text": True, "check": True}
    return subprocess.run(command, shell=True, **options).stdout
