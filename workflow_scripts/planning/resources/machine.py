"""What a job asks the scheduler for, from its work: memory, run time and threads, more with every attempt."""

from __future__ import annotations

import math
from dataclasses import dataclass

from workflow_scripts.planning.resources.recipe_lookup import Cost

CPU_RATE = 4e10
"""Operations a second of one processor thread; measured on a shared machine: 4 to 8 × 10^10."""
GPU_CARD, GPU_PEAK, GPU_SHARE = "NVIDIA A100", 19.5e12, 0.3
"""The assumed GPU: operations a second in float32 without tensor cores, and the share of it that is reached."""
GPU_RATE = GPU_PEAK * GPU_SHARE
PROCESSORS_PER_GPU = 4
"""Jobs without a GPU that are thought to run at once beside each GPU."""
SPARE = 1.25
"""Memory declared, as a multiple of the estimate."""
COMPANION_MB = 200
"""Of Snakemake's own process beside the job, which a cluster counts as the job's."""
CUDA_MB = 3000
"""Host memory of a process that uses a GPU: CUDA's libraries and pinned buffers."""
LONGER = 3
"""Run time declared, as a multiple of the estimate."""
LEAST_MINUTES = 10
SMALL_SECONDS = 20
"""A job below it on one thread gets one thread, so that several run side by side."""


@dataclass(frozen=True)
class Machine:
    """Where jobs run. gpu: whether networks run on one; threads: of a heavy job; max_hours: of any job, or None."""

    gpu: bool
    threads: int
    max_hours: float | None = None


def seconds(work: Cost, *, gpu: bool, threads: int) -> float:
    """How long the job is expected to take."""
    rate = GPU_RATE if gpu else CPU_RATE * max(1, threads)
    return work.seconds + work.operations / rate


def threads_for(work: Cost, machine: Machine) -> int:
    """Processor threads: one for a job that is soon done with one."""
    small = seconds(work, gpu=machine.gpu, threads=1) < SMALL_SECONDS
    return 1 if small else max(1, machine.threads)


def memory_mb(work: Cost, machine: Machine, attempt: int = 1) -> int:
    """Memory of the host, in MB, rounded up to hundreds."""
    uses_gpu = machine.gpu and work.operations > 0
    needed = work.libraries_mb + work.data_mb + (CUDA_MB if uses_gpu else work.maps_mb)
    return attempt * 100 * math.ceil((SPARE * needed + COMPANION_MB) / 100)


def runtime_minutes(work: Cost, machine: Machine, attempt: int = 1) -> int:
    """Run time in minutes, never above the machine's limit: what is left then continues in the next attempt."""
    expected = seconds(work, gpu=machine.gpu, threads=threads_for(work, machine)) / 60
    minutes = attempt * max(LEAST_MINUTES, math.ceil(LONGER * expected))
    return minutes if machine.max_hours is None else min(minutes, max(1, math.floor(60 * machine.max_hours)))
