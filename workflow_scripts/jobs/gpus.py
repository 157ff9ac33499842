"""Choose a GPU on a machine with several: the first one that no other job uses."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import IO

_held: list[IO] = []
"""Locks of this process; the kernel releases them when it ends, however it ends."""


def take_gpu(count: int, folder: Path | None = None) -> int:
    """The index of a GPU, below `count`, reserved for this process until it ends.

    A scheduler that makes only a job's own GPUs visible leaves nothing to choose. Where all are taken, which a limit on
    Snakemake's resource `gpu` prevents, jobs share them by process number.
    folder: where the lock files are; by default a folder of this user among the temporary files.
    """
    folder = folder or Path(tempfile.gettempdir()) / f"adversarial-dissection-{os.getuid()}"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    for number in range(count):
        stream = (folder / f"gpu-{number}.lock").open("w")
        try:
            fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            stream.close()
            continue
        _held.append(stream)
        return number
    return os.getpid() % count
