"""What a job requests from the scheduler, by its cost: memory, run time and threads, more with each attempt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workflow_scripts.planning.resources.recipe_lookup import Cost

CPU_RATE = 4e10
"""Operations per second of one CPU thread; measured on a shared machine: 4 to 8 × 10^10."""
GPU_CARD, GPU_PEAK, GPU_SHARE = "NVIDIA A100", 19.5e12, 0.3
"""The assumed GPU: its operations per second in float32 without tensor cores, and the share that jobs reach."""
GPU_RATE = GPU_PEAK * GPU_SHARE
PROCESSORS_PER_GPU = 4
"""CPU threads assumed per GPU, for the jobs that use none."""
SPARE = 1.25
"""Memory requested, as a multiple of the estimate."""
COMPANION_MB = 200
"""Memory of the Snakemake process beside the job, which a cluster adds to the job's."""
CUDA_MB = 3000
"""Host memory that CUDA's libraries and pinned buffers take."""
LONGER = 3
"""Run time requested, as a multiple of the estimate."""
LEAST_MINUTES = 10
SMALL_SECONDS = 20
"""Jobs that take less than this on one thread get one thread, so that several run at once."""


@dataclass(frozen=True)
class Machine:
    """Where jobs run. gpu: whether networks run on one. threads: per heavy job. max_hours: per job; None: no limit."""

    gpu: bool
    threads: int
    max_hours: float | None = None


def seconds(cost: Cost, *, gpu: bool, threads: int) -> float:
    """How long the job is expected to take."""
    rate = GPU_RATE if gpu else CPU_RATE * max(1, threads)
    return cost.seconds + cost.operations / rate


def threads_for(cost: Cost, machine: Machine) -> int:
    """CPU threads of the job: one where one is enough."""
    small = seconds(cost, gpu=machine.gpu, threads=1) < SMALL_SECONDS
    return 1 if small else max(1, machine.threads)


def memory_mb(cost: Cost, machine: Machine, attempt: int = 1) -> int:
    """Host memory to request, in MB, rounded up to hundreds."""
    uses_gpu = machine.gpu and cost.operations > 0
    needed = cost.libraries_mb + cost.data_mb + (CUDA_MB if uses_gpu else cost.maps_mb)
    return attempt * 100 * math.ceil((SPARE * needed + COMPANION_MB) / 100)


def runtime_minutes(cost: Cost, machine: Machine, attempt: int = 1) -> int:
    """Run time to request, in minutes, at most the machine's limit: a longer job resumes in its next attempt."""
    expected = seconds(cost, gpu=machine.gpu, threads=threads_for(cost, machine)) / 60
    minutes = attempt * max(LEAST_MINUTES, math.ceil(LONGER * expected))
    return minutes if machine.max_hours is None else min(minutes, max(1, math.floor(60 * machine.max_hours)))
