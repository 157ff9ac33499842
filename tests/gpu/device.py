"""The device that the tests of this folder compare with the processor, and how its memory is measured."""

from __future__ import annotations

import os

import torch

DEVICE = os.environ.get("GPU_TESTS_DEVICE", "cuda")
"""`GPU_TESTS_DEVICE=cpu` compares the processor with itself, which tests the tests where there is no GPU."""

WITHOUT_GPU = "torch sees no CUDA device here; GPU_TESTS_DEVICE=cpu compares the processor with itself"
ONLY_ON_CUDA = "memory and device numbers are those of a GPU"


def is_available() -> bool:
    """Whether torch can compute on DEVICE."""
    return DEVICE == "cpu" or torch.cuda.is_available()


def peak_bytes(function) -> int:
    """The most bytes of GPU memory that `function()` allocated at once, above what was allocated before."""
    torch.cuda.synchronize()
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats()
    before = torch.cuda.memory_allocated()
    function()
    torch.cuda.synchronize()
    return torch.cuda.max_memory_allocated() - before
