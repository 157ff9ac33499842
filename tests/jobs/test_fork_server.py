"""A job in a fork behaves as one in a process of its own: streams, folder, environment, status, signals, death.

The jobs are made up; the server and the process that asks it are the project's own files in a folder of their own.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workflow_scripts.jobs import fork_server
from workflow_scripts.jobs.start import SOCKET

JOBS = Path(fork_server.__file__).parent
JOB = """
import os, signal, sys, time

def run(words):
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    what = words[0]
    if what == "say":
        print("out", os.getcwd(), os.environ.get("MARK"), os.getppid() == int(os.environ["CLIENT"]), flush=True)
        print("err", words[1], sys.stdin.read(), file=sys.stderr)
    if what == "fail":
        raise ValueError("a mistake")
    if what == "die":
        os.kill(os.getpid(), signal.SIGSEGV)
    if what == "wait":
        open(words[1], "w").write(str(os.getpid()))
        try:
            time.sleep(60)
        except KeyboardInterrupt:
            return 130
    return 7
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with the package, its jobs made up and its server without libraries; it is the working folder."""
    jobs = tmp_path / "checkout/workflow_scripts/jobs"
    jobs.mkdir(parents=True)
    for folder in (jobs, jobs.parent):
        (folder / "__init__.py").touch()
    (jobs / "start.py").write_text((JOBS / "start.py").read_text())
    server = (JOBS / "fork_server.py").read_text()
    (jobs / "fork_server.py").write_text(re.sub(r"LIBRARIES = \(.*?\n\)", 'LIBRARIES = ("json",)', server, flags=re.S))
    (jobs / "realise.py").write_text(JOB)
    work = tmp_path / "work"
    work.mkdir()
    monkeypatch.chdir(work)
    monkeypatch.setenv("PYTHONPATH", str(tmp_path / "checkout"))
    return work


def start(*words: str, **options) -> subprocess.Popen:
    environment = {**os.environ, "MARK": "mine", "CLIENT": str(os.getpid())}
    command = [sys.executable, "-m", "workflow_scripts.jobs.start", *words]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen(command, env=environment, **pipes, **options)


def waiting(place: Path) -> int:
    """The process of the job that waits, once it does."""
    deadline = time.monotonic() + 20
    while not (place.exists() and place.read_text()):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return int(place.read_text())


def gone(process: int) -> bool:
    """Whether a process has ended, soon."""
    for _ in range(200):
        try:
            state = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return True
        if state == "Z":
            return True
        time.sleep(0.02)
    return False


pytestmark = pytest.mark.skipif(not fork_server.POSSIBLE, reason="jobs fork on Linux alone")


@pytest.mark.parametrize("served", [True, False])
def test_streams_folder_environment_and_status(here, served):
    def check():
        job = start("say", "a word")
        out, err = job.communicate("input")
        in_this_process = not served  # without a server the job is the process that was started
        assert out == f"out {here} mine {in_this_process}\n"
        assert err == "err a word input\n" and job.returncode == 7

    if served:
        with fork_server.running(here.parent / "checkout"):
            check()
            check()
    else:
        check()
    assert SOCKET not in os.environ


def test_a_job_that_raises_fails_with_its_traceback(here):
    with fork_server.running(here.parent / "checkout"):
        job = start("fail")
        assert "ValueError: a mistake" in job.communicate()[1] and job.returncode == 1


def test_a_job_that_crashes_ends_its_client_by_the_same_signal(here):
    with fork_server.running(here.parent / "checkout"):
        job = start("die")
        job.communicate()
        assert job.returncode == -signal.SIGSEGV
        assert start("say", "").communicate("")[0].startswith("out")  # the server goes on


@pytest.mark.parametrize("number, status", [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_signals_are_passed_on(here, number, status):
    with fork_server.running(here.parent / "checkout"):
        job = start("wait", "pid")
        process = waiting(here / "pid")
        job.send_signal(number)
        job.communicate(timeout=20)
        assert job.returncode == status and gone(process)


def test_a_killed_client_takes_its_job_along(here):
    with fork_server.running(here.parent / "checkout"):
        first, other = start("wait", "one"), start("wait", "other")
        processes = [waiting(here / name) for name in ("one", "other")]
        first.kill()
        first.communicate()
        assert gone(processes[0])
        assert Path(f"/proc/{processes[1]}").exists()
        other.kill()
        other.communicate()
        assert gone(processes[1])


def test_a_killed_server_takes_the_jobs_along_and_their_clients_say_so(here):
    with fork_server.running(here.parent / "checkout"):
        job = start("wait", "pid")
        process = waiting(here / "pid")
        server = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
        os.kill(server, signal.SIGKILL)
        assert "run snakemake again" in job.communicate(timeout=20)[1]
        assert job.returncode == 1 and gone(process)
        assert start("say", "").communicate("")[0].endswith("True\n")  # further jobs are done without it


def test_the_server_ends_with_the_process_that_started_it(here):
    code = (
        "import os, sys, time\nfrom pathlib import Path\nfrom workflow_scripts.jobs.fork_server import running\n"
        "with running(Path(os.environ['PYTHONPATH'])):\n"
        "    print(os.environ['ADVERSARIAL_DISSECTION_FORK_SERVER'], flush=True)\n    time.sleep(60)\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    place = Path(parent.stdout.readline().strip())
    servers = subprocess.run(["pgrep", "-P", str(parent.pid)], capture_output=True, text=True).stdout.split()
    assert len(servers) == 1 and place.exists()
    parent.kill()
    parent.wait()
    assert gone(int(servers[0]))
    for _ in range(100):
        if not place.parent.exists():
            break
        time.sleep(0.02)
    assert not place.parent.exists()


def test_a_job_outlives_the_process_that_started_the_server(here):
    code = (
        "import os, subprocess, sys\nfrom pathlib import Path\nfrom workflow_scripts.jobs.fork_server import running\n"
        "with running(Path(os.environ['PYTHONPATH'])):\n"
        "    subprocess.Popen([sys.executable, '-m', 'workflow_scripts.jobs.start', 'wait', 'pid'])\n"
        "    sys.stdin.read()\n"
    )
    parent = subprocess.Popen([sys.executable, "-c", code], stdin=subprocess.PIPE)
    process = waiting(here / "pid")
    server = int(Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[1])
    parent.kill()
    parent.wait()
    time.sleep(0.5)
    assert Path(f"/proc/{process}").exists() and Path(f"/proc/{server}").exists()
    os.kill(process, signal.SIGTERM)
    assert gone(process) and gone(server)


def test_the_server_imports_nothing_of_the_project_that_jobs_use():
    """Else a job would run what lay on disk when the run began."""
    code = (
        "import importlib, sys\nfrom workflow_scripts.jobs import fork_server\n"
        "for name in fork_server.LIBRARIES: importlib.import_module(name)\n"
        "print(sorted(name for name in sys.modules if name.startswith('workflow_scripts')))\n"
        "import threading; print(threading.active_count())"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split("\n")
    modules = ["workflow_scripts", "workflow_scripts.jobs", "workflow_scripts.jobs.fork_server"]
    assert found[0] == str([*modules, "workflow_scripts.jobs.start"]) and found[1] == "1"
