"""How many GPUs this machine offers to the jobs of a run."""

from __future__ import annotations

import os


def visible(count: int) -> int:
    """How many of the machine's `count` GPUs this process and its jobs can use: CUDA_VISIBLE_DEVICES may hide some."""
    shown = os.environ.get("CUDA_VISIBLE_DEVICES")
    if shown is None:
        return count
    names = [name.strip() for name in shown.split(",")]
    return min(count, sum(name not in ("", "-1") for name in names))
