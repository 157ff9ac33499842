"""What the measuring stages share: rows in batches, with progress, and speeds for the metrics."""

from __future__ import annotations

import time
from collections.abc import Iterator

from workflow_scripts.jobs.job import Job
from workflow_scripts.jobs.progress import progress


def row_batches(job: Job, total: int, size: int, unit: str) -> Iterator[slice]:
    """Rows 0 … total − 1 as slices of `size` rows, while the job's progress is shown in batches of `unit`."""
    for start in progress(range(0, total, size), text=job.label, unit=f"x {size} {unit}"):
        yield slice(start, start + size)


def per_second(count: float, started: float) -> float:
    """`count` over the seconds since `started` (of `time.monotonic`), with two decimals."""
    return round(count / (time.monotonic() - started), 2)
