"""How long a plan takes on so many GPUs: list scheduling of its graph, and the bound that no number of GPUs beats."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter


@dataclass(frozen=True)
class Task:
    """A job: its duration in seconds, whether it takes a GPU, and the names of the jobs that it waits for."""

    seconds: float
    gpu: bool
    after: Sequence[str]


def tails(tasks: Mapping[str, Task]) -> dict[str, float]:
    """Seconds from the start of each job to the end of the longest chain behind it; ValueError for a circle."""
    behind = _followers(tasks)
    found: dict[str, float] = {}
    for name in reversed(tuple(TopologicalSorter({n: task.after for n, task in tasks.items()}).static_order())):
        found[name] = tasks[name].seconds + max((found[later] for later in behind[name]), default=0.0)
    return found


def elapsed(tasks: Mapping[str, Task], gpus: int, processors: int) -> float:
    """Seconds until the last job ends, where of the jobs that could start the one with the longest tail is started.

    A job takes one GPU or one processor. That is at most twice the shortest time there is (Graham 1969).
    """
    tail = tails(tasks)
    behind = _followers(tasks)
    waiting = {name: len(set(task.after)) for name, task in tasks.items()}
    free = {True: gpus, False: processors}
    ready: dict[bool, list[tuple[float, str]]] = {True: [], False: []}
    running: list[tuple[float, str]] = []
    for name, count in waiting.items():
        if not count:
            heapq.heappush(ready[tasks[name].gpu], (-tail[name], name))
    now = 0.0
    while any(ready.values()) or running:
        for kind, queue in ready.items():
            while queue and free[kind]:
                name = heapq.heappop(queue)[1]
                free[kind] -= 1
                heapq.heappush(running, (now + tasks[name].seconds, name))
        now, done = heapq.heappop(running)
        free[tasks[done].gpu] += 1
        for later in behind[done]:
            waiting[later] -= 1
            if not waiting[later]:
                heapq.heappush(ready[tasks[later].gpu], (-tail[later], later))
    return now


def _followers(tasks: Mapping[str, Task]) -> dict[str, list[str]]:
    """The jobs that wait for each job."""
    behind: dict[str, list[str]] = {name: [] for name in tasks}
    for name, task in tasks.items():
        for earlier in set(task.after):
            behind[earlier].append(name)
    return behind
