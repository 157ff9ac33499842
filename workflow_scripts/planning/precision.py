"""Which floating-point format a training computes in where the configuration leaves it to the machine."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from workflow_scripts.configuration.schema.root import Configuration
from workflow_scripts.planning.resources.gpus import visible

FAST_BFLOAT16 = frozenset({"avx512_bf16", "amx_bf16"})
"""Processor flags of instructions that multiply bfloat16 numbers faster than float32 ones."""


def resolved_precision(precision: str, device: str) -> str:
    """The precision that was asked for, or for "auto" the one that this machine computes fast: float32 or bfloat16.

    `device` is execution.device. GPUs and the processors with FAST_BFLOAT16 take bfloat16, others float32.
    """
    if precision != "auto":
        return precision
    on_gpu = device == "cuda" or device == "auto" and visible(len(list(Path("/dev").glob("nvidia[0-9]*")))) > 0
    return "bfloat16" if on_gpu or FAST_BFLOAT16 & processor_flags() else "float32"


@cache
def processor_flags(cpuinfo: Path = Path("/proc/cpuinfo")) -> frozenset[str]:
    """The flags of this machine's first processor; none where the system does not list them."""
    try:
        lines = cpuinfo.read_text().splitlines()
    except OSError:
        return frozenset()
    return frozenset(next((line.partition(":")[2].split() for line in lines if line.startswith("flags")), ()))


def machine_dependent(configuration: Configuration) -> list[str]:
    """The keys of precisions that are left to the machine: not for jobs that run on other machines."""
    used = {model.training for model in configuration.models.values()}
    trainings = configuration.trainings.items()
    return sorted(
        f"trainings.{name}.precision" for name, each in trainings if name in used and each.precision == "auto"
    )
