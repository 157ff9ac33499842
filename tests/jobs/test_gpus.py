"""Jobs on one machine take different GPUs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workflow_scripts.planning.resources.gpus import visible

TAKE = """
import sys
from pathlib import Path
from workflow_scripts.jobs.gpus import take_gpu
print(take_gpu(2, Path(sys.argv[1])), flush=True)
sys.stdin.readline()
"""


def start(folder):
    words = [sys.executable, "-c", TAKE, str(folder)]
    process = subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
    return process, int(process.stdout.readline())


def end(process):
    process.stdin.close()
    process.wait()
    process.stdout.close()


def test_two_jobs_have_a_gpu_each_and_leave_it_when_they_end(tmp_path):
    one, first = start(tmp_path)
    two, second = start(tmp_path)
    three, shared = start(tmp_path)
    assert (first, second) == (0, 1) and shared in (0, 1)
    one.kill()
    end(one)
    four, again = start(tmp_path)
    assert again == 0
    for process in (two, three, four):
        end(process)


@pytest.mark.parametrize(("shown", "seen"), [(None, 4), ("", 0), ("-1", 0), ("2", 1), ("0, 3", 2), ("0,1,2,3,4,5", 4)])
def test_hidden_gpus_do_not_count(monkeypatch, shown, seen):
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    if shown is not None:
        monkeypatch.setenv("CUDA_VISIBLE_DEVICES", shown)
    assert visible(4) == seen
