"""What a job took, in the form of Snakemake's benchmark files.

Snakemake would measure the process that waits for a forked job, and not the job.
"""

from __future__ import annotations

import os
import resource
import time
from contextlib import suppress
from pathlib import Path

from workflow_scripts.recipes.atomic_files import atomically

MB = 2**20


def write_usage(path: Path, started: float) -> None:
    """Write what this process took: seconds since `started` (of `time.monotonic`), memory, input and output, and load.

    max_rss, io_in and io_out are in MB, mean_load is the mean number of busy processors times 100.
    """
    seconds, used = time.monotonic() - started, resource.getrusage(resource.RUSAGE_SELF)
    busy = used.ru_utime + used.ru_stime
    io_in, io_out = _input_and_output()
    hours, rest = divmod(int(seconds), 3600)
    row = {
        "s": f"{seconds:.4f}",
        "h:m:s": f"{hours}:{rest // 60:02}:{rest % 60:02}",
        "max_rss": f"{used.ru_maxrss / 1024:.2f}",
        "io_in": io_in,
        "io_out": io_out,
        "mean_load": f"{100 * busy / max(seconds, 1e-9):.2f}",
        "cpu_time": f"{busy:.2f}",
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    with atomically(path) as temporary:
        temporary.write_text("\t".join(row) + "\n" + "\t".join(row.values()) + "\n", encoding="utf-8")


def _input_and_output() -> tuple[str, str]:
    """MB read from and written to disks, or "-" where the system does not say."""
    with suppress(OSError):
        text = Path(f"/proc/{os.getpid()}/io").read_text(encoding="ascii")
        counts = dict(line.split(": ") for line in text.splitlines())
        return tuple(f"{int(counts[name]) / MB:.2f}" for name in ("read_bytes", "write_bytes"))
    return "-", "-"
