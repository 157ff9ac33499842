"""What every test runs under: one thread, so that a machine shared with a training stays usable."""

import os

for name in ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(name, "1")

from tests.artifact_fixtures import configuration, digits, here, make, planner, put  # noqa: E402, F401
