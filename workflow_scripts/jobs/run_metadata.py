"""What a manifest records of a run: machine, versions, time and memory."""

from __future__ import annotations

import platform
import resource
import subprocess
from datetime import datetime
from importlib import metadata
from pathlib import Path

PACKAGES = (
    "torch",
    "torchvision",
    "numpy",
    "h5py",
    "zarr",
    "scikit-learn",
    "gpytorch",
    "pandas",
    "numba",
    "matplotlib",
)


def run_metadata(started: datetime, seconds: float, device: str) -> dict:
    """Time, memory, device, versions and git state: they help to explain a payload and do not identify it."""
    facts = {
        "started": started.isoformat(timespec="seconds"),
        "seconds": round(seconds, 3),
        "peak_memory_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
        "device": device,
        "host": platform.node(),
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


def git_state() -> dict:
    """Commit and whether the tree was clean; empty outside a checkout."""
    here = Path(__file__).resolve().parent

    def git(*words: str) -> str:
        return subprocess.run(["git", *words], cwd=here, capture_output=True, text=True, check=True).stdout.strip()

    try:
        return {"commit": git("rev-parse", "HEAD"), "clean": not git("status", "--porcelain", "--untracked-files=no")}
    except (OSError, subprocess.CalledProcessError):
        return {}
