"""What a manifest records of a run: machine, versions, time and memory."""

from __future__ import annotations

import os
import platform
import resource
import subprocess
import sys
from datetime import datetime
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "scipy",
    "h5py",
    "zarr",
    "scikit-learn",
    "gpytorch",
    "pandas",
    "numba",
    "matplotlib",
)
INSTRUCTION_SETS = (
    "avx2",
    "avx512f",
    "avx512_bf16",
    "avx512_fp16",
    "avx512_vnni",
    "amx_tile",
    "amx_bf16",
    "asimd",
    "sve",
    "bf16",
)
"""Processor flags by which numerical libraries choose their kernels, and with them the last bits of their results."""
VARIABLES = (
    "ATEN_CPU_CAPABILITY",
    "ONEDNN_MAX_CPU_ISA",
    "MKL_CBWR",
    "MKL_ENABLE_INSTRUCTIONS",
    "CUBLAS_WORKSPACE_CONFIG",
)
"""Environment variables that change the choice."""
CHECKOUT = Path(__file__).resolve().parents[2]
CODE = (":(glob)workflow_scripts/**/*.py", ":(glob)rules/**/*.smk", "Snakefile", "config/code_equivalences.yaml")


def run_metadata(started: datetime, seconds: float, device: str, threads: int) -> dict:
    """Time, memory, device, versions and git state: they help to explain a payload and do not identify it.

    threads: processor threads of the job; 0: all of the machine.
    """
    facts = {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "device": device,
        "host": platform.node(),
        "processor": processor(threads),
        "precision": precision(),
        "python": platform.python_version(),
        "packages": {name: version_of(name) for name in PACKAGES},
        "git": git_state(),
    }
    if device == "cuda":
        import torch

        facts["gpu"] = torch.cuda.get_device_name()
        facts["driver"] = gpu_driver()
        facts["cuda"] = torch.version.cuda
        facts["peak_gpu_memory_mb"] = torch.cuda.max_memory_allocated() // 2**20
    return facts


def processor(threads: int, cpuinfo: Path = Path("/proc/cpuinfo")) -> dict:
    """What a processor's results depend on: model, instruction sets, torch's choice among them, threads, variables.

    `torch` is None in a job that did not use it.
    """
    model, flags = platform.processor() or platform.machine(), set()
    try:
        for line in cpuinfo.read_text().split("\n\n")[0].splitlines():
            key, _, value = (part.strip() for part in line.partition(":"))
            if key == "model name":
                model = value
            elif key in ("flags", "Features"):
                flags = set(value.split())
    except OSError:
        pass  # another system than Linux says no more than its own name for the processor
    torch = sys.modules.get("torch")
    return {
        "model": model,
        "instruction_sets": [name for name in INSTRUCTION_SETS if name in flags],
        "torch": torch.backends.cpu.get_cpu_capability() if torch else None,
        "threads": torch.get_num_threads() if torch else threads or os.cpu_count(),
        "variables": {name: os.environ[name] for name in VARIABLES if name in os.environ},
    }


def precision() -> str | None:
    """The precision of networks: `float32`, with what is allowed to lower it; None in a job that did not use torch."""
    torch = sys.modules.get("torch")
    if torch is None:
        return None
    lowered = [f"matmul {torch.get_float32_matmul_precision()}"] * (torch.get_float32_matmul_precision() != "highest")
    lowered += ["TF32 convolutions"] * torch.backends.cudnn.allow_tf32
    return ", ".join([str(torch.get_default_dtype()).removeprefix("torch."), *lowered])


def version_of(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def gpu_driver() -> str | None:
    """The NVIDIA driver's version, or None where its own tool does not say."""
    words = ["nvidia-smi", "--query-gpu=driver_version", "--format=csv,noheader"]
    try:
        answer = subprocess.run(words, capture_output=True, text=True, check=True, timeout=30).stdout.split()
    except (OSError, subprocess.SubprocessError):
        return None
    return answer[0] if answer else None


def git_state(checkout: Path = CHECKOUT) -> dict:
    """Commit, whether the tree was clean, and code that git does not track; empty outside a checkout.

    The tree is clean where no tracked file was changed and no untracked or ignored file lies among the code.
    """

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=checkout, capture_output=True, text=True, check=True).stdout.strip()

    try:
        untracked = git("ls-files", "--others", "--", *CODE).splitlines()
        changed = git("status", "--porcelain", "--untracked-files=no")
        return {"commit": git("rev-parse", "HEAD"), "clean": not changed and not untracked, "untracked": untracked}
    except (OSError, subprocess.CalledProcessError):
        return {}
