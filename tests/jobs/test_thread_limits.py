"""Libraries that are imported already, as in a fork, compute with a job's threads: what they say themselves."""

import os
import subprocess
import sys

import pytest

CODE = """
import importlib, sys
from workflow_scripts.jobs.fork_server import LIBRARIES
for name in LIBRARIES:
    importlib.import_module(name)
assert "numba" not in sys.modules
import numpy, threadpoolctl, torch
from workflow_scripts.jobs.realise import limit_threads
limit_threads({threads})
torch.set_num_threads({threads})
import numba

@numba.njit(parallel=True)
def doubled(x):
    y = numpy.empty_like(x)
    for i in numba.prange(len(x)):
        y[i] = 2 * x[i]
    return y

assert doubled(numpy.arange(4.0)).tolist() == [0, 2, 4, 6]
pools = {{each["num_threads"] for each in threadpoolctl.threadpool_info()}}
print(numba.get_num_threads(), torch.get_num_threads(), pools)
"""


@pytest.mark.parametrize("threads", [1, 2])
def test_threads_of_libraries_that_are_there(threads):
    environment = {key: value for key, value in os.environ.items() if not key.endswith("_NUM_THREADS")}
    command = [sys.executable, "-c", CODE.format(threads=threads)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout == f"{threads} {threads} {{{threads}}}\n"
