"""Tests of the GPU: every stage and every attack on CUDA against the processor, repeats to the bit, memory, and jobs.

    python -m pytest tests/gpu --confcutdir=tests/gpu
    GPU_TESTS_DEVICE=cpu python -m pytest tests/gpu

Without a CUDA device everything here is skipped; the second line compares the processor with itself. With
`--confcutdir` the fixtures of the other tests are not loaded, so that Snakemake, pydantic and gpytorch are not needed:
torch, torchvision, numpy, scipy, numba, h5py, zarr, safetensors, tqdm, pyyaml and pytest are enough.
"""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from tests.gpu.device import DEVICE, WITHOUT_GPU, is_available
from tests.gpu.fixtures import Artifacts


@pytest.fixture(scope="session", autouse=True)
def settings_of_a_job():
    """The settings under which jobs compute: no TF32, deterministic algorithms, one GPU of this process's own."""
    if not is_available():
        pytest.skip(WITHOUT_GPU)
    from workflow_scripts.jobs.realise import choose_device, parse_arguments

    assert choose_device(SimpleNamespace(kind="model"), parse_arguments(["recipe.json", "--device", DEVICE])) == DEVICE


@pytest.fixture(scope="session")
def artifacts(settings_of_a_job, tmp_path_factory) -> Artifacts:
    """A data set and everything that can be made from it, made on the processor when it is first asked for."""
    return Artifacts(tmp_path_factory.mktemp("artifacts"))
