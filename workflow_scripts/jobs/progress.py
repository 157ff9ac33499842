"""Progress of long loops: a bar on a terminal, a line every 30 seconds in a log file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import TypeVar

T = TypeVar("T")


def progress(items: Iterable[T], *, total: int | None = None, text: str = "", unit: str = "it") -> Iterator[T]:
    """tqdm, with a line every 30 seconds instead of a redrawn bar where the output is a log file."""
    import sys

    from tqdm import tqdm

    live = sys.stderr.isatty()
    bar = tqdm(
        items,
        total=total,
        desc=text,
        unit=unit,
        mininterval=0.5 if live else 30,
        maxinterval=10 if live else 60,
        ascii=not live,
        bar_format=None if live else "{desc}: {n_fmt}/{total_fmt} {unit}, {elapsed} elapsed, {rate_fmt}\n",
    )
    yield from bar
