"""Jobs and the GPUs of a machine: CUDA_VISIBLE_DEVICES, and two jobs at once on one GPU."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from tests.gpu.device import DEVICE, ONLY_ON_CUDA

ROOT = Path(__file__).resolve().parents[2]
only_on_cuda = pytest.mark.skipif(DEVICE != "cuda", reason=ONLY_ON_CUDA)


class JobProcess:
    """A process of `tests.gpu.job`, which has chosen its device and waits."""

    def __init__(self, folder: Path, name: str, device: str, visible: str | None) -> None:
        self.out = folder / f"{name}.npz"
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(folder)}
        environment.pop("CUDA_VISIBLE_DEVICES", None)
        if visible is not None:
            environment["CUDA_VISIBLE_DEVICES"] = visible
        words = [sys.executable, "-m", "tests.gpu.job", device, str(self.out)]
        self.process = subprocess.Popen(
            words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment, cwd=ROOT
        )
        self.chosen = json.loads(self.process.stdout.readline())

    def go(self) -> None:
        self.process.stdin.write("\n")
        self.process.stdin.close()

    def result(self) -> np.ndarray:
        assert self.process.wait(300) == 0
        self.process.stdout.close()
        with np.load(self.out) as content:
            return content["x_adv"]


def test_a_job_without_visible_gpus_computes_on_the_processor(tmp_path):
    job = JobProcess(tmp_path, "hidden", "auto", "")
    assert job.chosen == {"device": "cpu", "number": None, "count": 0}
    job.go()
    assert job.result().shape == (64, 3, 8, 8)


def test_a_job_that_must_have_a_gpu_and_sees_none_says_so(tmp_path):
    job = JobProcess(tmp_path, "refused", "cuda", "")
    assert "no GPU" in job.chosen["refused"]
    job.go()
    job.process.wait(60)
    job.process.stdout.close()


@only_on_cuda
def test_a_job_sees_the_gpus_that_it_is_shown(tmp_path):
    job = JobProcess(tmp_path, "shown", "auto", "0")
    assert job.chosen == {"device": "cuda", "number": 0, "count": 1}
    job.go()
    job.result()


def test_two_jobs_at_once_on_one_device_give_what_one_gives(tmp_path):
    """The second finds the lock of the only GPU taken, shares it, and both results are those of a job alone."""
    visible = "0" if DEVICE == "cuda" else ""
    alone = JobProcess(tmp_path, "alone", DEVICE, visible)
    alone.go()
    expected = alone.result()
    both = [JobProcess(tmp_path, name, DEVICE, visible) for name in ("first", "second")]
    locks = list(tmp_path.glob("adversarial-dissection-*/gpu-*.lock"))
    assert len(locks) == (1 if DEVICE == "cuda" else 0)
    assert [job.chosen["device"] for job in both] == [DEVICE, DEVICE]
    for job in both:
        job.go()
    for job in both:
        np.testing.assert_array_equal(job.result(), expected)
