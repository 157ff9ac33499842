"""How long a plan takes on a number of GPUs, by list scheduling, and at least on any number of them."""

from __future__ import annotations

import heapq
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from graphlib import TopologicalSorter


@dataclass(frozen=True)
class Task:
    """A job. seconds: its duration. gpu: whether it needs one. after: the names of the jobs that it waits for."""

    seconds: float
    gpu: bool
    after: Sequence[str]


def tails(tasks: Mapping[str, Task]) -> dict[str, float]:
    """Seconds from the start of each job to the end of the longest chain after it; ValueError for a cycle."""
    behind = _followers(tasks)
    found: dict[str, float] = {}
    for name in reversed(tuple(TopologicalSorter({n: task.after for n, task in tasks.items()}).static_order())):
        found[name] = tasks[name].seconds + max((found[later] for later in behind[name]), default=0.0)
    return found


def elapsed(tasks: Mapping[str, Task], gpus: int, processors: int) -> float:
    """Seconds until the last job ends, when of all jobs that can start the one with the longest tail always does.

    Each job takes one GPU or one CPU thread. This is at most twice the optimum (Graham 1969).
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
