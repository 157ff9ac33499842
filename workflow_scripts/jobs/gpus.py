"""Which GPU a job computes on where a machine has several: the first that no other job has."""

from __future__ import annotations

import fcntl
import os
import tempfile
from pathlib import Path
from typing import IO

_held: list[IO] = []
"""Locks of this process; the kernel lets go of them when it ends, however it ends."""


def take_gpu(count: int, folder: Path | None = None) -> int:
    """The number of a GPU, below `count`, that this process alone has from now on until it ends.

    A scheduler that shows a job its own GPUs alone leaves nothing to choose. Where all are taken, which a limit on
    Snakemake's resource `gpu` prevents, jobs share them: the process's number decides.
    folder: where the locks lie; by default one of this user's in the folder for temporary files.
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
